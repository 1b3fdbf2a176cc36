"""What the benches run on, made by the same steps as in `benches/data/mod.rs`: the same people, byte for byte."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

THIRTY = [
    "amara.adeyemi.9973@example.org",
    "bjensen@example.com",
    "bodil.brandt.19946@example.com",
    "chidi.csonka.29919@example.com",
    "priya.ngata.3@example.com",
    "daiki.duarte.39892@example.org",
    "elif.eriksen.49865@example.com",
    "oluwaseun.zhang.19@example.com",
    "farid.adeyemi.59838@example.com",
    "greta.brandt.69811@example.org",
    "lars.petrov.101@example.com",
    "hana.csonka.79784@example.com",
    "isko.duarte.89757@example.com",
    "noor.haddad.333@example.com",
    "jurgen.eriksen.99730@example.org",
    "kofi.adeyemi.109703@example.com",
    "anselm.nakamura.480@example.com",
    "leilani.brandt.119676@example.com",
    "marek.csonka.129649@example.org",
    "barbara.lindqvist.1204@example.com",
    "nilufar.duarte.139622@example.com",
    "odd.eriksen.149595@example.com",
    "noor.ngata.1390@example.com",
    "paola.adeyemi.159568@example.org",
    "quentin.brandt.169541@example.com",
    "priya.haddad.1811@example.org",
    "ruta.csonka.179514@example.com",
    "sefa.duarte.189487@example.org",
    "wanjiru.nakamura.1950@example.com",
    "tariq.eriksen.199460@example.com",
]
"""The names that `or30` asks for; every third is there."""

FILTERS = {
    "F1": 'userName eq "bjensen@example.com"',
    "F2": 'title pr and userType eq "Employee"',
    "F3": 'userType eq "Employee" and emails[type eq "work" and value co "@example.org"]',
    "F4": 'meta.lastModified ge "2024-06-01T00:00:00Z" and not (active eq false)',
    "F5": 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Engineering"',
    "miss": 'userName eq "nobody.of.that.name@nowhere.example"',
    "or30": " or ".join(f'userName eq "{name}"' for name in THIRTY),
}

GIVEN = [
    "Barbara",
    "Noor",
    "Anselm",
    "Ikaika",
    "Yuki",
    "Tomás",
    "Wanjiru",
    "Siobhán",
    "Rafael",
    "Mei",
    "Oluwaseun",
    "Katarzyna",
    "Dmitri",
    "Aaliyah",
    "Lars",
    "Priya",
]
FAMILY = [
    "Jensen",
    "Okafor",
    "Lindqvist",
    "Nakamura",
    "Ferreira",
    "Kowalska",
    "Mbeki",
    "Haddad",
    "Petrov",
    "Ngata",
    "O'Connor",
    "Castellanos",
    "Wójcik",
    "Abernathy",
    "Zhang",
    "Müller",
]
TITLES = [
    "Tour Guide", "Software Engineer", "Vice President", "Account Manager",
    "Nurse", "Data Analyst", "Chef", "Counsel",
]  # fmt: skip
DEPARTMENTS = ["Engineering", "Sales", "Tour Operations", "Finance", "Legal", "People", "Support", "Research"]
CITIES = [("Hollywood", "CA", "US"), ("Kraków", "MA", "PL"), ("Nagoya", "AI", "JP"), ("Mombasa", "MO", "KE")]

MASK = (1 << 64) - 1


class Rng:
    """SplitMix64."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n: int) -> int:
        return self.next() % n

    def percent(self, n: int) -> bool:
        return self.below(100) < n

    def pick(self, items: Any) -> Any:
        return items[self.below(len(items))]

    def id(self) -> str:
        high, low = self.next(), self.next()
        return (
            f"{high >> 32:08x}-{(high >> 16) & 0xFFFF:04x}-4{high & 0xFFF:03x}"
            f"-a{low >> 52:03x}-{low & 0xFFFFFFFFFFFF:012x}"
        )

    def date(self) -> str:
        year, month, day = 2019 + self.below(7), 1 + self.below(12), 1 + self.below(28)
        hour, minute, second = self.below(24), self.below(60), self.below(60)
        return f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"


def users(count: int) -> list[Json]:
    rng = Rng(7644)
    return [user(rng, index) for index in range(count)]


def user(rng: Rng, index: int) -> Json:
    id_ = rng.id()
    given, family = rng.pick(GIVEN), rng.pick(FAMILY)
    domain = "example.com" if rng.percent(80) else "example.org"
    mail_name = f"{given}.{family}.{index}".lower()
    if index == 7:
        mail_name, domain = "bjensen", "example.com"
    user_name = f"{mail_name}@{domain}"
    version = f'W/"{rng.next():016x}"'
    created, modified = rng.date(), rng.date()
    user: Json = {
        "schemas": [USER, ENTERPRISE],
        "id": id_,
        "meta": {
            "resourceType": "User",
            "created": created,
            "lastModified": modified,
            "version": version,
            "location": f"https://scim.example.com/v2/Users/{id_}",
        },
        "userName": user_name,
        "name": {"formatted": f"{given} {family}", "familyName": family, "givenName": given},
        "displayName": f"{given} {family}",
        "active": rng.percent(95),
        "emails": emails(rng, user_name, mail_name),
    }
    if rng.percent(80):
        user["externalId"] = f"7{rng.below(10_000_000):07}"
    if rng.percent(30):
        user["nickName"] = given[:2]
    if rng.percent(30):
        user["profileUrl"] = f"https://login.example.com/{mail_name}"
    if rng.percent(70):
        user["title"] = rng.pick(TITLES)
    if rng.percent(90):
        user["userType"] = rng.pick(["Employee", "Employee", "Employee", "Contractor", "Intern"])
    if rng.percent(60):
        user["preferredLanguage"] = "en-US"
        user["locale"] = "en-US"
        user["timezone"] = rng.pick(["America/Los_Angeles", "Europe/Warsaw", "Asia/Tokyo", "Africa/Nairobi"])
    if rng.percent(70):
        phones = [{"type": "work", "value": phone(rng)}]
        if rng.percent(50):
            phones.append({"type": "mobile", "value": phone(rng)})
        user["phoneNumbers"] = phones
    if rng.percent(60):
        city, region, country = rng.pick(CITIES)
        street = f"{1 + rng.below(999)} Universal City Plaza"
        user["addresses"] = [
            {
                "type": "work",
                "streetAddress": street,
                "locality": city,
                "region": region,
                "country": country,
                "postalCode": f"{rng.below(100_000):05}",
                "formatted": f"{street}\n{city}, {region} {country}",
                "primary": True,
            }
        ]
    groups = []
    for _ in range(rng.below(4)):
        id_ = rng.id()
        groups.append(
            {
                "value": id_,
                "$ref": f"https://scim.example.com/v2/Groups/{id_}",
                "display": f"{rng.pick(DEPARTMENTS)} {rng.below(100)}",
                "type": "direct",
            }
        )
    user["groups"] = groups
    manager = rng.id()
    user[ENTERPRISE] = {
        "employeeNumber": f"{rng.below(1_000_000):06}",
        "costCenter": f"{4000 + rng.below(1000)}",
        "organization": "Universal Studios",
        "division": rng.pick(["Theme Park", "Studios", "Media"]),
        "department": rng.pick(DEPARTMENTS),
        "manager": {
            "value": manager,
            "$ref": f"https://scim.example.com/v2/Users/{manager}",
            "displayName": f"{rng.pick(GIVEN)} {rng.pick(FAMILY)}",
        },
    }
    return user


def phone(rng: Rng) -> str:
    return f"tel:+1-{200 + rng.below(800):03}-555-{rng.below(10_000):04}"


def emails(rng: Rng, user_name: str, mail_name: str) -> list[Json]:
    emails: list[Json] = [{"type": "work", "value": user_name, "primary": True}]
    if rng.percent(50):
        emails.append({"type": "home", "value": f"{mail_name}@home.example.net"})
    return emails


def member_id(index: int) -> str:
    return f"2819c223-7f76-453a-919d-{index:012x}"


def member(index: int) -> Json:
    id_ = member_id(index)
    reference = f"https://scim.example.com/v2/Users/{id_}"
    return {"value": id_, "$ref": reference, "display": f"Member {index}", "type": "User"}


def group(count: int) -> Json:
    return {
        "schemas": [GROUP],
        "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
        "displayName": "Everybody",
        "meta": {"resourceType": "Group", "lastModified": "2024-06-01T00:00:00Z"},
        "members": [member(index) for index in range(count)],
    }


def positions(count: int, of: int) -> list[int]:
    return [(index * 7_919 + 13) % of for index in range(count)]


def request(*operations: Json) -> Json:
    return {"schemas": [PATCH], "Operations": list(operations)}


def patch_user() -> Json:
    return request(
        {"op": "replace", "path": "active", "value": False},
        {"op": "replace", "path": "name.familyName", "value": "Jensen-Okafor"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "b.jensen-okafor@example.com"},
        {"op": "add", "path": "phoneNumbers", "value": [{"type": "pager", "value": "tel:+1-555-0100"}]},
    )


def add_one(members: int) -> Json:
    return request({"op": "add", "path": "members", "value": [{"value": member_id(members)}]})


def removals(at: list[int]) -> Json:
    return request(*({"op": "remove", "path": f'members[value eq "{member_id(index)}"]'} for index in at))
