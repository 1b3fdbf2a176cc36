//! The data of all benches: users of about 1.6 KB of JSON, groups, filters and PATCH requests. The seed is fixed, so every
//! bench sees the same people. The program `corpus` of `benches/peers` writes the data to files for the other languages.

pub mod by_hand;
pub mod corpus;
pub mod side;

use serde_json::{Map, Value, json};

const SEED: u64 = 7644;

pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The filters, by name. `miss` looks up a user who does not exist, `or30` looks up thirty users at once.
pub const FILTERS: [(&str, &str); 7] = [
    ("equality", r#"userName eq "bjensen@example.com""#),
    ("conjunction", r#"title pr and userType eq "Employee""#),
    ("value path", r#"userType eq "Employee" and emails[type eq "work" and value co "@example.org"]"#),
    ("date", r#"meta.lastModified ge "2024-06-01T00:00:00Z" and not (active eq false)"#),
    ("extension", r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Engineering""#),
    ("miss", r#"userName eq "nobody.of.that.name@nowhere.example""#),
    ("or30", OR30),
];

/// The position in [`FILTERS`] of the filter with this [`id`].
pub fn filter(wanted: &str) -> usize {
    FILTERS.iter().position(|(name, _)| id(name) == wanted).unwrap()
}

/// The name of a filter as one word, for command lines and for names of benchmarks.
pub fn id(name: &str) -> String {
    name.replace(' ', "-")
}

/// The names that `or30` looks up. Every third one belongs to a user.
pub const THIRTY: [&str; 30] = [
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
];

/// `userName eq` with each name of [`THIRTY`].
const OR30: &str = concat!(
    r#"userName eq "amara.adeyemi.9973@example.org""#,
    r#" or userName eq "bjensen@example.com""#,
    r#" or userName eq "bodil.brandt.19946@example.com""#,
    r#" or userName eq "chidi.csonka.29919@example.com""#,
    r#" or userName eq "priya.ngata.3@example.com""#,
    r#" or userName eq "daiki.duarte.39892@example.org""#,
    r#" or userName eq "elif.eriksen.49865@example.com""#,
    r#" or userName eq "oluwaseun.zhang.19@example.com""#,
    r#" or userName eq "farid.adeyemi.59838@example.com""#,
    r#" or userName eq "greta.brandt.69811@example.org""#,
    r#" or userName eq "lars.petrov.101@example.com""#,
    r#" or userName eq "hana.csonka.79784@example.com""#,
    r#" or userName eq "isko.duarte.89757@example.com""#,
    r#" or userName eq "noor.haddad.333@example.com""#,
    r#" or userName eq "jurgen.eriksen.99730@example.org""#,
    r#" or userName eq "kofi.adeyemi.109703@example.com""#,
    r#" or userName eq "anselm.nakamura.480@example.com""#,
    r#" or userName eq "leilani.brandt.119676@example.com""#,
    r#" or userName eq "marek.csonka.129649@example.org""#,
    r#" or userName eq "barbara.lindqvist.1204@example.com""#,
    r#" or userName eq "nilufar.duarte.139622@example.com""#,
    r#" or userName eq "odd.eriksen.149595@example.com""#,
    r#" or userName eq "noor.ngata.1390@example.com""#,
    r#" or userName eq "paola.adeyemi.159568@example.org""#,
    r#" or userName eq "quentin.brandt.169541@example.com""#,
    r#" or userName eq "priya.haddad.1811@example.org""#,
    r#" or userName eq "ruta.csonka.179514@example.com""#,
    r#" or userName eq "sefa.duarte.189487@example.org""#,
    r#" or userName eq "wanjiru.nakamura.1950@example.com""#,
    r#" or userName eq "tariq.eriksen.199460@example.com""#,
);

const GIVEN: [&str; 16] = [
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
];
const FAMILY: [&str; 16] = [
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
];
const TITLES: [&str; 8] = [
    "Tour Guide",
    "Software Engineer",
    "Vice President",
    "Account Manager",
    "Nurse",
    "Data Analyst",
    "Chef",
    "Counsel",
];
const DEPARTMENTS: [&str; 8] =
    ["Engineering", "Sales", "Tour Operations", "Finance", "Legal", "People", "Support", "Research"];
const CITIES: [(&str, &str, &str); 4] =
    [("Hollywood", "CA", "US"), ("Kraków", "MA", "PL"), ("Nagoya", "AI", "JP"), ("Mombasa", "MO", "KE")];

/// SplitMix64.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.below(from.len() as u64);
        from[usize::try_from(at).unwrap()]
    }

    fn id(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            low >> 52,
            low & 0xFFFF_FFFF_FFFF
        )
    }

    fn date(&mut self) -> String {
        let (year, month, day) = (2019 + self.below(7), 1 + self.below(12), 1 + self.below(28));
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The first `count` users.
pub fn users(count: usize) -> Vec<Value> {
    let mut rng = Rng::new(SEED);
    (0..count).map(|index| user(&mut rng, index)).collect()
}

fn user(rng: &mut Rng, index: usize) -> Value {
    let id = rng.id();
    let (given, family) = (rng.pick(&GIVEN), rng.pick(&FAMILY));
    let domain = if rng.percent(80) { "example.com" } else { "example.org" };
    let mail_name = if index == 7 { "bjensen".to_owned() } else { format!("{given}.{family}.{index}").to_lowercase() };
    let domain = if index == 7 { "example.com" } else { domain };
    let user_name = format!("{mail_name}@{domain}");
    let version = format!("W/\"{:016x}\"", rng.next());
    let (created, modified) = (rng.date(), rng.date());
    let mut user = json!({
        "schemas": [USER, ENTERPRISE],
        "id": id,
        "meta": {
            "resourceType": "User", "created": created, "lastModified": modified, "version": version,
            "location": format!("https://scim.example.com/v2/Users/{id}"),
        },
        "userName": user_name,
        "name": {"formatted": format!("{given} {family}"), "familyName": family, "givenName": given},
        "displayName": format!("{given} {family}"),
        "active": rng.percent(95),
        "emails": emails(rng, &user_name, &mail_name),
    });
    let members = user.as_object_mut().unwrap();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    if rng.percent(80) {
        put("externalId", json!(format!("7{:07}", rng.below(10_000_000))));
    }
    if rng.percent(30) {
        put("nickName", json!(&given[..2]));
    }
    if rng.percent(30) {
        put("profileUrl", json!(format!("https://login.example.com/{mail_name}")));
    }
    if rng.percent(70) {
        put("title", json!(rng.pick(&TITLES)));
    }
    if rng.percent(90) {
        put("userType", json!(rng.pick(&["Employee", "Employee", "Employee", "Contractor", "Intern"])));
    }
    if rng.percent(60) {
        put("preferredLanguage", json!("en-US"));
        put("locale", json!("en-US"));
        put("timezone", json!(rng.pick(&["America/Los_Angeles", "Europe/Warsaw", "Asia/Tokyo", "Africa/Nairobi"])));
    }
    if rng.percent(70) {
        let mut phones = vec![json!({"type": "work", "value": phone(rng)})];
        if rng.percent(50) {
            phones.push(json!({"type": "mobile", "value": phone(rng)}));
        }
        put("phoneNumbers", Value::Array(phones));
    }
    if rng.percent(60) {
        let (city, region, country) = rng.pick(&CITIES);
        let street = format!("{} Universal City Plaza", 1 + rng.below(999));
        put(
            "addresses",
            json!([{
                "type": "work", "streetAddress": street, "locality": city, "region": region, "country": country,
                "postalCode": format!("{:05}", rng.below(100_000)),
                "formatted": format!("{street}\n{city}, {region} {country}"), "primary": true,
            }]),
        );
    }
    let groups: Vec<Value> = (0..rng.below(4))
        .map(|_| {
            let id = rng.id();
            json!({
                "value": id, "$ref": format!("https://scim.example.com/v2/Groups/{id}"),
                "display": format!("{} {}", rng.pick(&DEPARTMENTS), rng.below(100)), "type": "direct",
            })
        })
        .collect();
    put("groups", Value::Array(groups));
    let manager = rng.id();
    put(
        ENTERPRISE,
        json!({
            "employeeNumber": format!("{:06}", rng.below(1_000_000)),
            "costCenter": format!("{}", 4000 + rng.below(1000)),
            "organization": "Universal Studios",
            "division": rng.pick(&["Theme Park", "Studios", "Media"]),
            "department": rng.pick(&DEPARTMENTS),
            "manager": {
                "value": manager, "$ref": format!("https://scim.example.com/v2/Users/{manager}"),
                "displayName": format!("{} {}", rng.pick(&GIVEN), rng.pick(&FAMILY)),
            },
        }),
    );
    user
}

fn phone(rng: &mut Rng) -> String {
    format!("tel:+1-{:03}-555-{:04}", 200 + rng.below(800), rng.below(10_000))
}

fn emails(rng: &mut Rng, user_name: &str, mail_name: &str) -> Value {
    let mut emails = vec![json!({"type": "work", "value": user_name, "primary": true})];
    if rng.percent(50) {
        emails.push(json!({"type": "home", "value": format!("{mail_name}@home.example.net")}));
    }
    Value::Array(emails)
}

/// The `value` of a member, in the form of a provider's identifier.
pub fn member_id(index: usize) -> String {
    format!("2819c223-7f76-453a-919d-{index:012x}")
}

pub fn member(index: usize) -> Value {
    let id = member_id(index);
    let reference = format!("https://scim.example.com/v2/Users/{id}");
    json!({"value": id, "$ref": reference, "display": format!("Member {index}"), "type": "User"})
}

/// A group of members 0 to `count`.
pub fn group(count: usize) -> Value {
    json!({
        "schemas": [GROUP], "id": "e9e30dba-f08f-4109-8486-d5c6a331660a", "displayName": "Everybody",
        "meta": {"resourceType": "Group", "lastModified": "2024-06-01T00:00:00Z"},
        "members": (0..count).map(member).collect::<Vec<_>>(),
    })
}

/// Positions in a list of length `of`, the same for every bench, each at most once.
pub fn positions(count: usize, of: usize) -> Vec<usize> {
    assert!(count <= of);
    // The step shares no factor with a power of ten, so it visits each position once.
    (0..count).map(|index| (index * 7_919 + 13) % of).collect()
}

pub fn request(operations: Vec<Value>) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}

/// The first user with all attributes that [`patch_user`] changes.
pub fn user_to_patch() -> Value {
    let mut users = users(20).into_iter();
    users.find(|user| user.get("title").is_some() && user.get("phoneNumbers").is_some()).unwrap()
}

/// Four operations on a user, as an identity provider sends them: they change an attribute, a sub-attribute and an element
/// chosen by a value path, and add an element.
pub fn patch_user() -> Value {
    request(vec![
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "replace", "path": "name.familyName", "value": "Jensen-Okafor"}),
        json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b.jensen-okafor@example.com"}),
        json!({"op": "add", "path": "phoneNumbers", "value": [{"type": "pager", "value": "tel:+1-555-0100"}]}),
    ])
}

/// Adds one member to a group of `members`.
pub fn add_one(members: usize) -> Value {
    request(vec![json!({"op": "add", "path": "members", "value": [{"value": member_id(members)}]})])
}

/// Removes the members at these positions, with one operation for each.
pub fn removals(positions: &[usize]) -> Value {
    let remove = |at: &usize| json!({"op": "remove", "path": format!("members[value eq \"{}\"]", member_id(*at))});
    request(positions.iter().map(remove).collect())
}

/// Operations of mixed kinds on a group of `members`: additions, removals by filter and by value, and additions of members
/// that were just removed or that exist already.
pub fn mixed(count: usize, members: usize) -> Value {
    let at = positions(count, members);
    let operation = |index: usize| {
        let (here, new) = (member_id(at[index]), member_id(members + index));
        match index % 5 {
            0 => json!({"op": "add", "path": "members", "value": [{"value": new}]}),
            1 => json!({"op": "remove", "path": format!("members[value eq \"{here}\"]")}),
            2 => json!({"op": "remove", "path": "members", "value": [{"value": here}]}),
            3 => json!({"op": "add", "path": "members", "value": [{"value": member_id(at[index - 1])}]}),
            _ => json!({"op": "add", "path": "members", "value": [{"value": here}]}),
        }
    };
    request((0..count).map(operation).collect())
}

pub fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// The members of a group.
pub fn members_of(group: &Value) -> &[Value] {
    group["members"].as_array().unwrap()
}

pub fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}
