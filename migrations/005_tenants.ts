import type { Knex } from 'knex';

/**
 * Several tenants: the name of a user's endpoint is stored, a tenant has doors of its own, and all that is policy is said in
 * one place. A user is known by more than the extension, and proves it by more than a PIN.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('tenants', (t) => {
    t.text('endpoint_pattern').notNullable().defaultTo('{extension}');
    t.text('urls').notNullable().defaultTo('');
    t.text('networks').notNullable().defaultTo('');
    t.text('number_extension').notNullable().defaultTo('*57');
    t.text('policy_says').notNullable().defaultTo('{}');
    t.text('administrator_code_hash');
  });
  for (const tenant of (await knex('tenants').select()) as Record<string, unknown>[]) {
    const taken = [tenant['extension'], tenant['release_extension'], ...String(tenant['emergency_numbers']).split(',')];
    const number = ['*57', '*58', '*59', '*60'].find((each) => !taken.includes(each)) ?? '*61';
    const policy = JSON.stringify({ prompts: [tenant['language']] });
    await knex('tenants').where({ id: tenant['id'] }).update({ policy_says: policy, number_extension: number });
  }
  await knex.raw('ALTER TABLE tenants DROP COLUMN language');

  await knex.schema.alterTable('users', (t) => {
    t.text('endpoint').notNullable().defaultTo('');
    t.text('login_id');
    t.text('provisioning_id');
    t.text('password_hash');
  });
  await codesAndSite(knex);
  await knex.raw('UPDATE users SET endpoint = extension');
  await knex.raw('CREATE UNIQUE INDEX users_endpoint_unique ON users (endpoint)');
  for (const column of ['login_id', 'provisioning_id']) {
    await knex.raw(
      `CREATE UNIQUE INDEX users_${column}_unique ON users (tenant_id, ${column}) WHERE ${column} IS NOT NULL`,
    );
  }
}

/** What an administrator hands out once, who has borrowed a phone, where phones are sent, and what holds above every tenant. */
async function codesAndSite(knex: Knex): Promise<void> {
  await knex.schema.createTable('site', (t) => {
    t.text('id').primary();
    t.text('says').notNullable();
  });
  await knex.schema.createTable('hot_desks', (t) => {
    t.text('mac').primary().references('devices.mac').onDelete('CASCADE');
    t.text('user_id').notNullable().unique().references('users.id').onDelete('CASCADE');
    t.text('homes').notNullable();
    t.bigInteger('since').notNullable();
    t.bigInteger('ends_at');
    t.index(['ends_at']);
  });
  await knex.schema.createTable('redirects', (t) => {
    t.text('id').primary();
    for (const column of ['mac', 'serial', 'family', 'model', 'network', 'url']) t.text(column);
  });
  await knex.schema.createTable('codes', (t) => {
    t.text('id').primary();
    t.text('tenant_id').notNullable().references('tenants.id').onDelete('CASCADE');
    t.text('user_id').notNullable().references('users.id').onDelete('CASCADE');
    t.text('hash').notNullable().unique();
    t.text('family');
    t.text('mac');
    t.bigInteger('created_at').notNullable();
    t.bigInteger('expires_at').notNullable();
    t.bigInteger('used_at');
    t.index(['user_id']);
  });
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
