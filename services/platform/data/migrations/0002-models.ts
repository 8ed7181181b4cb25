import { type Kysely, sql } from "kysely";

// A manifest is kept byte for byte: its digest and signature are over these bytes.
const STATEMENTS = [
  `create table models (
    id uuid primary key,
    name text not null unique,
    client_id uuid not null references clients,
    description text not null,
    next_version integer not null default 1 check (next_version > 0),
    create_time timestamptz not null default now()
  )`,
  `create table model_versions (
    id uuid primary key,
    model_name text not null references models (name),
    version integer not null check (version > 0),
    client_id uuid not null references clients,
    manifest bytea not null,
    manifest_sha256 text not null,
    file_sha256s text[] not null,
    format text not null,
    license text not null,
    notation text not null,
    size bigint not null,
    signature bytea,
    report json,
    create_time timestamptz not null default now(),
    delete_time timestamptz,
    unique (model_name, version)
  )`,
  "create unique index model_versions_by_manifest on model_versions (model_name, manifest_sha256) where delete_time is null",
  "create index model_versions_by_files on model_versions using gin (file_sha256s)",
  `create table model_aliases (
    model_name text not null references models (name),
    alias text not null,
    client_id uuid not null references clients,
    version integer not null,
    etag text not null,
    update_time timestamptz not null default now(),
    primary key (model_name, alias),
    foreign key (model_name, version) references model_versions (model_name, version)
  )`,
  `create table model_uploads (
    id uuid primary key,
    client_id uuid not null references clients,
    sha256 text not null,
    size bigint not null,
    reached bigint not null default 0,
    lengths integer[] not null default '{}',
    create_time timestamptz not null default now()
  )`,
  "create index model_uploads_by_time on model_uploads (create_time)",
];

/** The registry of models. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
