-- A delivery knows which process has it in hand: when that process is gone another takes it over at once.

alter table notification_deliveries add column holder text check (holder is null or status = 'PENDING');

create index notification_deliveries_held on notification_deliveries (holder) where holder is not null;
