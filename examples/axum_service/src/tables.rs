//! Where the attributes of users and groups are: the columns of `sqlite.sql`.

use scim_engine::ResourceType;
use scim_engine::sql::{Column, Mapping, MappingBuilder, MappingError, Rows};

/// Not every index has room for longer texts.
const LONGEST: usize = 512;

/// The mappings of users and groups.
pub fn mappings() -> Result<Vec<Mapping>, MappingError> {
    Ok(vec![users()?, groups()?])
}

fn users() -> Result<Mapping, MappingError> {
    let emails = elements(Rows::table("emails").on("user_seq", "seq"));
    let emails = emails.column("value", text("value")).column("primary", Column::boolean("is_primary"));
    let groups = Rows::table("user_groups").on("user_id", "id").position("seq").complete();
    let groups = groups.column("value", Column::text("value")).column("display", text("display"));
    let builder = Mapping::builder(&ResourceType::user(), "users")
        .column("userName", text("user_name").not_null().max_length(LONGEST))
        .column("active", Column::boolean("active"))
        .rows("emails", emails)
        .rows("groups", groups.fixed("type", "direct"))
        .fixed("meta.resourceType", ["User"])
        // The service has no log-in of its own, so it does not need passwords, hashed or not.
        .unassigned("password")
        .rest("rest")
        .rest_folded("rest_key");
    common(builder).build()
}

fn groups() -> Result<Mapping, MappingError> {
    let members = elements(Rows::table("members").on("group_seq", "seq"));
    let value = Column::text("value").not_null().max_length(LONGEST).refers_to("User").refers_to("Group");
    let builder = Mapping::builder(&ResourceType::group(), "groups")
        .column("displayName", text("display_name").not_null().max_length(LONGEST))
        .rows("members", members.column("value", value))
        .fixed("meta.resourceType", ["Group"]);
    common(builder).build()
}

/// What users and groups have.
fn common(builder: MappingBuilder) -> MappingBuilder {
    builder
        .key(Column::integer("seq"))
        .version(Column::integer("version"))
        .column("id", Column::text("id"))
        .column("externalId", Column::text("external_id").max_length(LONGEST))
        .column("meta.created", Column::micros("created"))
        .column("meta.lastModified", Column::micros("modified"))
        .schemas()
}

/// What e-mail addresses and members have.
fn elements(rows: Rows) -> Rows {
    rows.column("type", text("type")).column("display", text("display")).position("seq").complete()
}

/// A text, and beside it the folded text.
fn text(column: &str) -> Column {
    Column::text(column).with_folded(format!("{column}_key"))
}
