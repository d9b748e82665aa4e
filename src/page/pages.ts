import type { Page } from './page.ts';
import { ACCESS } from './pages/access.ts';
import { DEVICE_LIST, ONE_DEVICE } from './pages/devices.ts';
import { EVENT_LIST } from './pages/events.ts';
import { FAMILY_LIST, ONE_FAMILY } from './pages/families.ts';
import { OVERVIEW } from './pages/overview.ts';
import { SYNC_LIST } from './pages/syncs.ts';
import { ONE_USER, USER_LIST } from './pages/users.ts';

/** Every page of who is signed in, in the order in which they are named to them. */
export const PAGES: readonly Page[] = [
  OVERVIEW,
  DEVICE_LIST,
  ONE_DEVICE,
  USER_LIST,
  ONE_USER,
  SYNC_LIST,
  FAMILY_LIST,
  ONE_FAMILY,
  EVENT_LIST,
  ACCESS,
];
