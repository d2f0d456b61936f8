-- What people keep conversations by, what was said beside the text, and how both are found again.

create extension if not exists pg_trgm;

alter table conversations
  add column assistant_id uuid references assistants on delete set null,
  add column folder_id text,
  add column tags text[] not null default '{}',
  add column is_pinned boolean not null default false,
  add column is_archived boolean not null default false,
  add column is_titled boolean not null default true, -- not, while the model may still find a title
  add column active_at timestamptz(3) generated always as (coalesce(last_message_at, created_at)) stored,
  add column input_tokens bigint not null default 0,
  add column output_tokens bigint not null default 0;

create index conversations_by_assistant on conversations (assistant_id);
create index conversations_by_activity on conversations (user_id, is_archived, is_pinned desc, active_at desc, id desc);
create index conversations_by_creation on conversations (user_id, is_archived, is_pinned desc, created_at desc, id desc);
create index conversations_by_title on conversations (user_id, is_archived, is_pinned desc, title, id);
create index conversations_by_length on conversations (user_id, is_archived, is_pinned desc, message_count desc, id desc);
create index conversations_by_folder on conversations (user_id, folder_id, active_at desc) where folder_id is not null;
create index conversations_title_search on conversations
  using gin ((upper(title collate "und-x-icu") collate "C") gin_trgm_ops);

-- How many conversations each user has, kept by the rows themselves: counting them takes longer
-- than reading a page of them.
create table conversation_counts (
  user_id uuid primary key references users on delete cascade,
  active int not null default 0,
  archived int not null default 0
);

insert into conversation_counts (user_id, active)
select user_id, count(*) from conversations group by user_id;

create function count_conversations() returns trigger language plpgsql as $$
declare
  owner uuid := coalesce(new.user_id, old.user_id);
  active_by int := 0;
  archived_by int := 0;
begin
  if tg_op <> 'INSERT' then
    if old.is_archived then archived_by := archived_by - 1; else active_by := active_by - 1; end if;
  end if;
  if tg_op <> 'DELETE' then
    if new.is_archived then archived_by := archived_by + 1; else active_by := active_by + 1; end if;
  end if;
  if tg_op = 'DELETE' then
    -- Deleted with its user, a conversation finds no row, and must not bring one back.
    update conversation_counts set active = active + active_by, archived = archived + archived_by
    where user_id = owner;
  else
    insert into conversation_counts (user_id, active, archived) values (owner, active_by, archived_by)
    on conflict (user_id) do update set
      active = conversation_counts.active + active_by, archived = conversation_counts.archived + archived_by;
  end if;
  return null;
end $$;

create trigger conversations_counted after insert or delete on conversations
  for each row execute function count_conversations();
create trigger conversations_recounted after update of is_archived on conversations
  for each row when (old.is_archived <> new.is_archived) execute function count_conversations();

alter table messages
  add column user_id uuid references users on delete cascade,
  add column attachments jsonb not null default '[]',
  add column edit_history jsonb not null default '[]',
  add column is_written boolean not null default true; -- not, while a run adds to it

update messages m set user_id = c.user_id from conversations c where c.id = m.conversation_id;
alter table messages alter column user_id set not null;

create index messages_by_user on messages (user_id, created_at desc, id desc);
create index messages_search on messages
  using gin ((upper(content collate "und-x-icu") collate "C") gin_trgm_ops) where is_written;
