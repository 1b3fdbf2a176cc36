-- One schema for both example services. A tenant is a customer of the platform; every row belongs to one.
pragma journal_mode = wal;

create table if not exists tenants (
    id      text primary key,              -- the tenant in the URL: /tenants/{id}/scim/v2
    name    text not null,
    absent  text not null default 'keep',  -- what a PUT that does not mention an attribute means: 'keep' or 'clear'
    created text not null
);

-- Bearer tokens. Only the SHA-256 of a token is stored: a token has 256 random bits, so a slow hash would add nothing.
create table if not exists tokens (
    id        text primary key,
    tenant_id text not null references tenants (id),
    hash      text not null unique,        -- lower-case hex
    label     text not null default '',
    created   text not null,
    revoked   text                         -- when, if it was
);

-- Belongs to the database and must outlive the process: the key that seals cursors.
create table if not exists settings (
    name  text primary key,
    value text not null
);

create table if not exists users (
    tenant_id   text not null references tenants (id),
    id          text not null,
    user_name   text not null,             -- folded as the engine folds: unique for the tenant ignoring case
    external_id text,
    version     integer not null,          -- optimistic concurrency; the ETag is W/"{version}"
    seq         integer not null,          -- the order of creation, for paging
    resource    text not null,             -- JSON with `id`, without `groups`, `password`, `meta.location`, `meta.version`
    primary key (tenant_id, id)
);
create unique index if not exists users_by_name on users (tenant_id, user_name);
create index if not exists users_by_external_id on users (tenant_id, external_id);
create unique index if not exists users_by_seq on users (tenant_id, seq);

create table if not exists groups (
    tenant_id    text not null references tenants (id),
    id           text not null,
    display_name text not null,            -- folded: unique for the tenant ignoring case
    external_id  text,
    version      integer not null,         -- grows with a change of its members, too
    seq          integer not null,
    resource     text not null,            -- JSON with `id`, without `members`, `meta.location`, `meta.version`
    primary key (tenant_id, id)
);
create unique index if not exists groups_by_name on groups (tenant_id, display_name);
create index if not exists groups_by_external_id on groups (tenant_id, external_id);
create unique index if not exists groups_by_seq on groups (tenant_id, seq);

-- Membership. Written from `outcome.changes`, row by row: no group is ever written whole.
-- `value` is not a foreign key: it may be a user, a group, or an id that this platform does not know. The rows of a user or group
-- that is deleted go with it, and the groups that it was in get a new version.
create table if not exists members (
    tenant_id text not null,
    group_id  text not null,
    value     text not null,
    seq       integer not null,            -- the order of joining: each new row is the group's last
    element   text not null,               -- JSON of the element
    primary key (tenant_id, group_id, value),
    foreign key (tenant_id, group_id) references groups (tenant_id, id) on delete cascade
);
create index if not exists members_by_seq on members (tenant_id, group_id, seq);
create index if not exists members_by_value on members (tenant_id, value, group_id);

-- The last row that each writing request adds, in its own transaction.
create table if not exists audit (
    seq           integer primary key autoincrement,
    tenant_id     text not null,
    at            text not null,
    token_id      text not null,
    method        text not null,
    resource_type text not null,
    resource_id   text not null,
    changes       text not null,           -- JSON, `outcome.changes` without secrets
    repairs       text not null            -- JSON, `outcome.repairs`
);
create index if not exists audit_by_resource on audit (tenant_id, resource_id);
