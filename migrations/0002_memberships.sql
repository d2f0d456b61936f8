-- What users are members of: organizations, teams, projects and channels.

-- What users can be members of. Organizations, teams, projects and channels each have a table of their own,
-- whose id is their scope's: with the scope goes the thing, its memberships and all else that belongs to it.
create table scopes (
  id uuid primary key,
  kind text not null check (kind in ('organization', 'team', 'project', 'channel')),
  parent_id uuid references scopes on delete cascade -- the organization of a channel
);

create index scopes_by_parent on scopes (parent_id) where parent_id is not null;

-- Which roles a scope has depends on its kind. A scope always has an owner.
create table memberships (
  id uuid primary key,
  scope_id uuid not null references scopes on delete cascade,
  user_id uuid not null references users on delete cascade,
  role text not null check (role in ('owner', 'admin', 'editor', 'member', 'viewer')),
  created_at timestamptz(3) not null,
  unique (scope_id, user_id)
);

create index memberships_by_user on memberships (user_id, scope_id);

create table organizations (
  id uuid primary key references scopes on delete cascade,
  name text not null,
  slug text not null unique,
  logo text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

-- Invitations to organizations. Answered ones are kept, so that answering again is a conflict and not an
-- unknown invite.
create table invites (
  id uuid primary key,
  organization_id uuid not null references organizations on delete cascade,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'member')),
  status text not null default 'pending' check (status in ('pending', 'accepted', 'rejected', 'cancelled')),
  invited_by uuid references users on delete set null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);

create index invites_by_organization on invites (organization_id, email);
create index invites_by_email on invites (email) where status = 'pending';
create index invites_by_inviter on invites (invited_by); -- for the cascade

create table teams (
  id uuid primary key references scopes on delete cascade,
  name text not null,
  description text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create table projects (
  id uuid primary key references scopes on delete cascade,
  name text not null,
  description text,
  tags text[] not null default '{}',
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create table project_stars (
  user_id uuid not null references users on delete cascade,
  project_id uuid not null references projects on delete cascade,
  created_at timestamptz(3) not null,
  primary key (user_id, project_id)
);

create index project_stars_by_project on project_stars (project_id); -- for the cascade
