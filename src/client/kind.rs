//! The kinds of client: provisioning clients, and suites of checks.

use crate::words::words;

/// The provisioning client to play.
///
/// ```
/// use scim_engine::client::Client;
/// assert_eq!("entra".parse(), Ok(Client::Entra));
/// assert_eq!(Client::Entra.as_str(), "entra");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Client {
    /// OneLogin's "SCIM Provisioner with SAML (SCIM v2)".
    #[default]
    OneLogin,
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// JumpCloud.
    JumpCloud,
    /// The checks of Microsoft's SCIM Validator, which creates the people and groups that it needs.
    MicrosoftValidator,
    /// Okta's "SCIM 2.0 SPEC Test", which needs an endpoint that already has a user.
    OktaSpec,
}

words! {
    Client {
        "onelogin" => OneLogin,
        "entra" => Entra,
        "okta" => Okta,
        "jumpcloud" => JumpCloud,
        "microsoft-validator" => MicrosoftValidator,
        "okta-spec" => OktaSpec,
    }
}

impl Client {
    /// The clients that push people and groups.
    pub const PROVIDERS: [Self; 4] = [Self::OneLogin, Self::Entra, Self::Okta, Self::JumpCloud];

    /// The name as its vendor writes it.
    pub fn title(self) -> &'static str {
        match self {
            Self::OneLogin => "OneLogin",
            Self::Entra => "Entra",
            Self::Okta => "Okta",
            Self::JumpCloud => "JumpCloud",
            Self::MicrosoftValidator => "Microsoft's validator",
            Self::OktaSpec => "Okta's SPEC test",
        }
    }

    /// Whether this is a suite of checks, with its own people and groups, and not a provisioning client.
    ///
    /// ```
    /// use scim_engine::client::Client;
    /// assert!(Client::OktaSpec.is_suite());
    /// assert!(!Client::Okta.is_suite());
    /// ```
    pub fn is_suite(self) -> bool {
        matches!(self, Self::MicrosoftValidator | Self::OktaSpec)
    }
}
