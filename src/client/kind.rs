//! The kinds of client: provisioning clients, and suites of checks.

/// The provisioning client to play.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
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

impl Client {
    /// All clients.
    pub const ALL: [Self; 6] =
        [Self::OneLogin, Self::Entra, Self::Okta, Self::JumpCloud, Self::MicrosoftValidator, Self::OktaSpec];

    /// The clients that push people and groups.
    pub const PROVIDERS: [Self; 4] = [Self::OneLogin, Self::Entra, Self::Okta, Self::JumpCloud];

    /// The client with this name (`onelogin`, `entra`, `okta`, `jumpcloud`, `microsoft-validator`, `okta-spec`).
    ///
    /// ```
    /// use scim_engine::client::Client;
    /// assert_eq!(Client::named("entra"), Some(Client::Entra));
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.name() == name)
    }

    /// The name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneLogin => "onelogin",
            Self::Entra => "entra",
            Self::Okta => "okta",
            Self::JumpCloud => "jumpcloud",
            Self::MicrosoftValidator => "microsoft-validator",
            Self::OktaSpec => "okta-spec",
        }
    }

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
