-- The twin of sqlite.sql, where every column is explained. The differences: numbers come from identities, texts that are
-- compared have the order of code points, and JSON has a type.
create table if not exists tenants (
    id      text primary key,
    name    text not null,
    absent  text not null default 'keep',
    created text not null
);

create table if not exists tokens (
    id        text primary key,
    tenant_id text not null references tenants (id),
    hash      text not null unique,
    label     text not null default '',
    created   text not null,
    revoked   text
);

create table if not exists settings (
    name  text primary key,
    value text not null
);

create table if not exists users (
    seq           bigint generated always as identity primary key,
    tenant_id     text not null references tenants (id),
    id            text not null unique default gen_random_uuid()::text,
    user_name     text not null,
    user_name_key text collate "C" not null,
    external_id   text collate "C",
    active        boolean,
    rest          jsonb,
    rest_key      jsonb,
    version       bigint not null,
    created       bigint not null,
    modified      bigint not null
);
create unique index if not exists users_by_name on users (tenant_id, user_name_key);
create index if not exists users_by_external_id on users (tenant_id, external_id);
create index if not exists users_by_seq on users (tenant_id, seq);

create table if not exists emails (
    seq         bigint generated always as identity primary key,
    user_seq    bigint not null references users (seq) on delete cascade,
    value       text,
    value_key   text collate "C",
    display     text,
    display_key text collate "C",
    type        text,
    type_key    text collate "C",
    is_primary  boolean
);
create index if not exists emails_by_user on emails (user_seq, seq);
create index if not exists emails_by_value on emails (value_key, user_seq);

create table if not exists groups (
    seq              bigint generated always as identity primary key,
    tenant_id        text not null references tenants (id),
    id               text not null unique default gen_random_uuid()::text,
    display_name     text not null,
    display_name_key text collate "C" not null,
    external_id      text collate "C",
    version          bigint not null,
    created          bigint not null,
    modified         bigint not null
);
create unique index if not exists groups_by_name on groups (tenant_id, display_name_key);
create index if not exists groups_by_external_id on groups (tenant_id, external_id);
create index if not exists groups_by_seq on groups (tenant_id, seq);

create table if not exists members (
    seq         bigint generated always as identity primary key,
    group_seq   bigint not null references groups (seq) on delete cascade,
    value       text not null,
    type        text,
    type_key    text collate "C",
    display     text,
    display_key text collate "C",
    unique (group_seq, value)
);
create index if not exists members_by_seq on members (group_seq, seq);
create index if not exists members_by_value on members (value, group_seq);

create or replace view user_groups as
    select members.value as user_id, groups.id as value, groups.display_name as display,
        groups.display_name_key as display_key, members.seq as seq
    from members join groups on groups.seq = members.group_seq;

create table if not exists audit (
    seq           bigint generated always as identity primary key,
    tenant_id     text not null,
    at            text not null,
    token_id      text not null,
    action        text not null,
    resource_type text not null,
    resource_id   text not null,
    changes       text not null,
    repairs       text not null
);
create index if not exists audit_by_resource on audit (tenant_id, resource_id);
