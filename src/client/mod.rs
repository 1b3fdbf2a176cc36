//! Provisioning clients to test an endpoint with: what OneLogin, Entra, Okta and JumpCloud send, in their order, and what
//! they need of the answers. No I/O: a session gives requests and takes responses, whoever carries them.
