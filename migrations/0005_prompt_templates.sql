-- Prompts with variables in them, made by administrators for everyone.

create table prompt_templates (
  id uuid primary key,
  name text not null,
  category text not null,
  template_text text not null,
  variables text[] not null,
  description text not null,
  usage_count bigint not null default 0,
  is_active boolean not null default true,
  created_at timestamptz(3) not null
);

create index prompt_templates_active on prompt_templates (category, name, id) where is_active;
