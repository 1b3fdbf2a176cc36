-- The twin of sqlite.sql, where every column is explained. The differences: numbers come from identities, and JSON is kept as
-- text too, so that both databases give back what was written, byte for byte.
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
    tenant_id   text not null references tenants (id),
    id          text not null,
    user_name   text not null collate "C",
    external_id text collate "C",
    version     bigint not null,
    seq         bigint generated always as identity,
    resource    text not null,
    primary key (tenant_id, id)
);
create unique index if not exists users_by_name on users (tenant_id, user_name);
create index if not exists users_by_external_id on users (tenant_id, external_id);
create unique index if not exists users_by_seq on users (tenant_id, seq);

create table if not exists groups (
    tenant_id    text not null references tenants (id),
    id           text not null,
    display_name text not null collate "C",
    external_id  text collate "C",
    version      bigint not null,
    seq          bigint generated always as identity,
    resource     text not null,
    primary key (tenant_id, id)
);
create unique index if not exists groups_by_name on groups (tenant_id, display_name);
create index if not exists groups_by_external_id on groups (tenant_id, external_id);
create unique index if not exists groups_by_seq on groups (tenant_id, seq);

create table if not exists members (
    tenant_id text not null,
    group_id  text not null,
    value     text not null,
    seq       bigint generated always as identity,
    element   text not null,
    primary key (tenant_id, group_id, value),
    foreign key (tenant_id, group_id) references groups (tenant_id, id) on delete cascade
);
create index if not exists members_by_seq on members (tenant_id, group_id, seq);
create index if not exists members_by_value on members (tenant_id, value, group_id);

create table if not exists audit (
    seq           bigint generated always as identity primary key,
    tenant_id     text not null,
    at            text not null,
    token_id      text not null,
    method        text not null,
    resource_type text not null,
    resource_id   text not null,
    changes       text not null,
    repairs       text not null
);
create index if not exists audit_by_resource on audit (tenant_id, resource_id);
