-- A rotation whose answer was lost, and its repetition, must not cost the secret that a sender still uses.

-- Older programs may go on.

-- Those before the one before, the newest first: [{"kept": …, "until": …}].
alter table hooks add column older_secrets text not null default '[]' check (json_valid(older_secrets));
