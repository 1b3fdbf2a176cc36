"""An app whose users come by SCIM."""
