import type { Page } from './page.ts';
import { ACCESS } from './pages/access.ts';
import { DEVICE_LIST, ONE_DEVICE } from './pages/devices.ts';
import { CONNECT } from './pages/connect.ts';
import { DEVICE_ACTION } from './pages/deviceActions.ts';
import { EVENT_LIST } from './pages/events.ts';
import { IMPORT } from './pages/imports.ts';
import { OVERVIEW } from './pages/overview.ts';
import { POLICY } from './pages/policy.ts';
import { SYNC_LIST } from './pages/syncs.ts';
import { TENANT_LIST } from './pages/tenants.ts';
import { ONE_USER, USER_LIST } from './pages/users.ts';

/** Every page of who is signed in, in the order in which they are named to them. */
export const PAGES: readonly Page[] = [
  OVERVIEW,
  CONNECT,
  DEVICE_LIST,
  ONE_DEVICE,
  DEVICE_ACTION,
  USER_LIST,
  ONE_USER,
  IMPORT,
  SYNC_LIST,
  EVENT_LIST,
  POLICY,
  TENANT_LIST,
  ACCESS,
];
