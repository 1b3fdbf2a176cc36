"""Resource types of MEANING's examples whose schemas the page does not give; what is here follows from the examples."""

from .schema import GROUP, USER, Kind

VAULT = Kind.from_schemas(
    "Vault",
    {
        "id": "urn:example:vault:2.0:Vault",
        "name": "Vault",
        "attributes": [
            {"name": "alarmCode", "mutability": "writeOnly"},
            {
                "name": "lock",
                "type": "complex",
                "subAttributes": [
                    {"name": "maker", "returned": "always"},
                    {"name": "model"},
                    {"name": "serial", "returned": "request"},
                ],
            },
        ],
    },
)

KINDS: dict[str | None, Kind | None] = {None: None, "User": USER, "Group": GROUP, "Vault": VAULT}
