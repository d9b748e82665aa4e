import type { Knex } from 'knex';

/**
 * Administrators who sign in, programs that do what they do, and what was answered to programs, for those that have not heard the
 * answer; and URLs that are told of what happens.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('administrators', (t) => {
    t.text('name').primary();
    t.text('role').notNullable();
    t.text('tenant_id').references('tenants.id').onDelete('CASCADE');
    t.text('password_hash');
    t.bigInteger('created_at').notNullable();
  });
  await knex.schema.createTable('invitations', (t) => {
    t.text('administrator').primary().references('administrators.name').onDelete('CASCADE');
    t.text('hash').notNullable().unique();
    t.bigInteger('expires_at').notNullable();
  });
  await knex.schema.createTable('sessions', (t) => {
    t.text('hash').primary();
    t.text('administrator').notNullable().references('administrators.name').onDelete('CASCADE').index();
    t.bigInteger('created_at').notNullable().index();
    t.bigInteger('seen_at').notNullable();
  });
  await knex.schema.createTable('api_tokens', (t) => {
    t.text('id').primary();
    t.text('name').notNullable().unique();
    t.text('hash').notNullable().unique();
    t.text('scopes').notNullable();
    t.text('tenant_id').references('tenants.id').onDelete('CASCADE');
    t.bigInteger('created_at').notNullable();
    t.bigInteger('expires_at');
    t.bigInteger('used_at');
  });
  await knex.schema.createTable('api_answers', (t) => {
    t.text('actor').notNullable();
    t.text('key').notNullable();
    t.text('request').notNullable();
    t.integer('status').notNullable();
    // What was made may be a secret that is shown once.
    t.text('answer').notNullable();
    t.bigInteger('at').notNullable();
    t.primary(['actor', 'key']);
    t.index(['at']);
  });
  await knex.schema.createTable('webhooks', (t) => {
    t.text('id').primary();
    t.text('tenant_id').references('tenants.id').onDelete('CASCADE');
    t.text('url').notNullable();
    t.text('secret').notNullable();
    t.text('steps').notNullable();
    t.boolean('is_confined').notNullable();
    t.bigInteger('created_at').notNullable();
    t.bigInteger('cursor').notNullable();
    t.integer('attempts').notNullable();
    t.bigInteger('next_attempt_at').notNullable();
    t.text('failure');
    t.boolean('is_stopped').notNullable();
  });
  await knex.schema.createTable('dead_letters', (t) => {
    t.text('id').primary();
    t.text('webhook_id').notNullable().references('webhooks.id').onDelete('CASCADE').index();
    t.text('event').notNullable();
    t.text('why').notNullable();
    t.bigInteger('at').notNullable().index();
  });
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
