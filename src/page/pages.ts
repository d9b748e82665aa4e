import type { Page } from './page.ts';
import { ACCESS } from './pages/access.ts';
import { CODE_LIST } from './pages/codes.ts';
import { DEVICE_LIST } from './pages/devices.ts';
import { ONE_DEVICE } from './pages/device.ts';
import { CONNECT } from './pages/connect.ts';
import { DEVICE_ACTION } from './pages/deviceActions.ts';
import { EVENT_LIST } from './pages/events.ts';
import { IMPORT } from './pages/imports.ts';
import { FAMILY_LIST, ONE_FAMILY } from './pages/families.ts';
import { DEVICE_KEYS, TEMPLATE_KEYS } from './pages/keys.ts';
import { ME } from './pages/me.ts';
import { OVERVIEW } from './pages/overview.ts';
import { POLICY } from './pages/policy.ts';
import { REDIRECT_LIST } from './pages/redirects.ts';
import { ROTATION_LIST } from './pages/rotations.ts';
import { ONE_SYNC, SYNC_LIST } from './pages/syncs.ts';
import { SYSTEM } from './pages/system.ts';
import { ONE_DEVICE_TEMPLATE, ONE_LINE_TEMPLATE, ONE_PROFILE, TEMPLATE_LIST } from './pages/templates.ts';
import { TENANT_LIST } from './pages/tenants.ts';
import { morePage } from './pages/more.ts';
import { ONE_USER, USER_LIST } from './pages/users.ts';
import { WEBHOOK_LIST } from './pages/webhooks.ts';

const MORE: readonly Page[] = [
  CONNECT,
  POLICY,
  CODE_LIST,
  ROTATION_LIST,
  WEBHOOK_LIST,
  ACCESS,
  TENANT_LIST,
  REDIRECT_LIST,
  SYSTEM,
];

/** Every page of who is signed in, in the order in which they are named to them. */
export const PAGES: readonly Page[] = [
  OVERVIEW,
  DEVICE_LIST,
  ONE_DEVICE,
  DEVICE_KEYS,
  DEVICE_ACTION,
  USER_LIST,
  ONE_USER,
  IMPORT,
  TEMPLATE_LIST,
  ONE_PROFILE,
  ONE_LINE_TEMPLATE,
  ONE_DEVICE_TEMPLATE,
  TEMPLATE_KEYS,
  SYNC_LIST,
  ONE_SYNC,
  FAMILY_LIST,
  ONE_FAMILY,
  EVENT_LIST,
  ME,
  morePage(MORE),
  ...MORE,
];
