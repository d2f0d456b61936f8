-- Finding text as it stands, in any case and any script, among what one person said. The index on
-- every three characters that pg_trgm makes has what everybody said in one list, knows nothing of
-- punctuation, of less than three characters, or, by the server's locale, of other scripts.

-- What is written in upper case by every three characters that follow one another, and the two and
-- the one at its end, so that whatever it contains is the beginning of some of them; and whose it is,
-- at all and on which day (UTC, counted from 1970). What is too long to be kept so is said to be.
-- Cut by regular expressions: to go through the characters takes five times as long. Index expressions
-- are evaluated without a search path, so this calls nothing of ours.
create function search_grams(owner uuid, at timestamptz, said text) returns tsvector
language plpgsql immutable strict parallel safe cost 100 as $$
declare
  folded text := translate(upper(said collate "und-x-icu") collate "C", e'\x01', ' ');
  mine text := e'\x01' || owner;
  marks text[] := array[mine, mine || ' ' || (at at time zone 'UTC')::date - date '1970-01-01'];
begin
  if octet_length(folded) > 300000 then -- three times that nears a tsvector's limit
    return array_to_tsvector(marks || (mine || ' long'));
  end if;
  return array_to_tsvector(marks || array_remove(string_to_array(
    regexp_replace(folded, '...', e'\\&\x01', 'g') || e'\x01' ||
    regexp_replace(substr(folded, 2), '...', e'\\&\x01', 'g') || e'\x01' ||
    regexp_replace(substr(folded, 3), '...', e'\\&\x01', 'g'),
    e'\x01'
  ), ''));
end $$;

-- What of somebody's may contain a text: what has its threes, or, of a long one, 24 of them or a few
-- more. A shorter one is the beginning of threes.
create function search_query(owner uuid, typed text) returns tsquery
language sql immutable strict parallel safe as $$
  select format(e'\'\x01%1$s\' & (\'\x01%1$s long\' | %2$s)', owner, coalesce(string_agg(
    '''' || replace(replace(gram, '\', '\\'), '''', '''''') || case when length(gram) < 3 then ''':*' else '''' end, ' & '
  ), format(e'\'\x01%s\'', owner)))::tsquery
  from (select translate(upper(typed collate "und-x-icu") collate "C", e'\x01', ' ') as folded) typed,
    lateral (
      select substr(folded, start, 3) as gram from generate_series(1, length(folded) - 2, length(folded) / 24 + 1) start
      union select substr(folded, greatest(length(folded) - 2, 1))
    ) grams
  where gram <> ''
$$;

-- What was said on these days of theirs.
create function search_days(owner uuid, days int[]) returns tsquery
language sql immutable strict parallel safe as $$
  select string_agg(format(e'\'\x01%s %s\'', owner, day), ' | ')::tsquery from unnest(days) day
$$;

drop index messages_search;
create index messages_search on messages using gin (search_grams(user_id, created_at, content))
  with (gin_pending_list_limit = 512) where is_written; -- every search reads the list
alter index messages_search alter column 1 set statistics 0; -- the index is always right

-- Lists of one folder, in each order, and how long they are.
drop index conversations_by_folder;
create index conversations_by_folder_activity on conversations (user_id, folder_id, is_archived, is_pinned desc, active_at desc, id desc)
  where folder_id is not null and arena_session_id is null;
create index conversations_by_folder_creation on conversations (user_id, folder_id, is_archived, is_pinned desc, created_at desc, id desc)
  where folder_id is not null and arena_session_id is null;
create index conversations_by_folder_title on conversations (user_id, folder_id, is_archived, is_pinned desc, title, id)
  where folder_id is not null and arena_session_id is null;
create index conversations_by_folder_length on conversations (user_id, folder_id, is_archived, is_pinned desc, message_count desc, id desc)
  where folder_id is not null and arena_session_id is null;

create table folder_counts (
  user_id uuid not null references users on delete cascade,
  folder_id text not null,
  active int not null,
  archived int not null,
  primary key (user_id, folder_id)
);

insert into folder_counts (user_id, folder_id, active, archived)
select user_id, folder_id, count(*) filter (where not is_archived), count(*) filter (where is_archived)
from conversations where folder_id is not null and arena_session_id is null group by user_id, folder_id;

create function count_folders() returns trigger language plpgsql as $$
begin
  -- In turns: two that move conversations between the same folders would wait for each other.
  perform from conversation_counts where user_id = coalesce(new.user_id, old.user_id) for no key update;
  if tg_op <> 'DELETE' and new.folder_id is not null then
    insert into folder_counts as f (user_id, folder_id, active, archived)
    values (new.user_id, new.folder_id, (not new.is_archived)::int, new.is_archived::int)
    on conflict (user_id, folder_id) do update
    set active = f.active + excluded.active, archived = f.archived + excluded.archived;
  end if;
  if tg_op <> 'INSERT' and old.folder_id is not null then
    update folder_counts set active = active - (not old.is_archived)::int, archived = archived - old.is_archived::int
    where user_id = old.user_id and folder_id = old.folder_id;
    -- Nothing stays of a folder with nothing in it.
    delete from folder_counts
    where user_id = old.user_id and folder_id = old.folder_id and active = 0 and archived = 0;
  end if;
  return null;
end $$;

create trigger conversations_filed after insert on conversations
  for each row when (new.folder_id is not null and new.arena_session_id is null) execute function count_folders();
create trigger conversations_unfiled after delete on conversations
  for each row when (old.folder_id is not null and old.arena_session_id is null) execute function count_folders();
create trigger conversations_refiled after update of folder_id, is_archived on conversations
  for each row when (new.arena_session_id is null and
    (old.folder_id is distinct from new.folder_id or (old.folder_id is not null and old.is_archived <> new.is_archived)))
  execute function count_folders();
