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
    seq           integer primary key autoincrement,  -- the order of creation, for paging
    tenant_id     text not null references tenants (id),
    id            text not null unique default (      -- a random UUID
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    user_name     text not null,
    user_name_key text not null,           -- folded as the engine folds: unique for the tenant ignoring case
    external_id   text,
    active        boolean,
    rest          json,                    -- the attributes that have no column of their own
    rest_key      json,                    -- the same, folded, for filters
    version       integer not null,        -- optimistic concurrency; the ETag is W/"{version}"
    created       integer not null,        -- microseconds since 1970
    modified      integer not null
);
create unique index if not exists users_by_name on users (tenant_id, user_name_key);
create index if not exists users_by_external_id on users (tenant_id, external_id);
create index if not exists users_by_seq on users (tenant_id, seq);

create table if not exists emails (
    seq         integer primary key,
    user_seq    integer not null references users (seq) on delete cascade,
    value       text,
    value_key   text,
    display     text,
    display_key text,
    type        text,
    type_key    text,
    is_primary  boolean
);
create index if not exists emails_by_user on emails (user_seq, seq);
create index if not exists emails_by_value on emails (value_key, user_seq);

create table if not exists groups (
    seq              integer primary key autoincrement,
    tenant_id        text not null references tenants (id),
    id               text not null unique default (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    display_name     text not null,
    display_name_key text not null,        -- folded: unique for the tenant ignoring case
    external_id      text,
    version          integer not null,     -- grows with a change of its members, too
    created          integer not null,
    modified         integer not null
);
create unique index if not exists groups_by_name on groups (tenant_id, display_name_key);
create index if not exists groups_by_external_id on groups (tenant_id, external_id);
create index if not exists groups_by_seq on groups (tenant_id, seq);

-- Membership, written row by row: no group is ever written whole. A member is a user or a group of the same tenant. The
-- rows of one that is deleted go with it, and the groups that it was in get a new version.
create table if not exists members (
    seq         integer primary key,       -- the order of joining
    group_seq   integer not null references groups (seq) on delete cascade,
    value       text not null,
    type        text,
    type_key    text,
    display     text,
    display_key text,
    unique (group_seq, value)
);
create index if not exists members_by_seq on members (group_seq, seq);
create index if not exists members_by_value on members (value, group_seq);

-- The groups of a user: the same rows, from the other side.
create view if not exists user_groups as
    select members.value as user_id, groups.id as value, groups.display_name as display,
        groups.display_name_key as display_key, members.seq as seq
    from members join groups on groups.seq = members.group_seq;

-- The last row that each change adds, in its own transaction.
create table if not exists audit (
    seq           integer primary key autoincrement,
    tenant_id     text not null,
    at            text not null,
    token_id      text not null,
    action        text not null,           -- 'create', 'update' or 'delete'
    resource_type text not null,
    resource_id   text not null,
    changes       text not null,           -- JSON, `outcome.changes` without secrets
    repairs       text not null            -- JSON, `outcome.repairs`
);
create index if not exists audit_by_resource on audit (tenant_id, resource_id);
