import { acrobitsReader } from './acrobits.ts';
import { alcatelReader } from './alcatel.ts';
import { audiocodesReader } from './audiocodes.ts';
import { avayaJ100Reader } from './avaya-j100.ts';
import { digiumDReader } from './digium-d.ts';
import { enterpriseReader } from './enterprise.ts';
import { fanvilReader } from './fanvil.ts';
import { mppReader, spaReader } from './flatProfile.ts';
import { gigasetMaxwellReader } from './gigaset-maxwell.ts';
import { gigasetReader } from './gigaset.ts';
import { grandstreamGrpReader } from './grandstream-grp.ts';
import { grandstreamHt81xReader, grandstreamHtReader } from './grandstream-ht.ts';
import { grandstreamReader } from './grandstream.ts';
import { htekReader } from './htek.ts';
import { linphoneReader } from './linphone.ts';
import { mitelReader } from './mitel.ts';
import { panasonicReader } from './panasonic.ts';
import { polyReader } from './poly.ts';
import type { Reader } from './reading.ts';
import { snomDectReader } from './snom-dect.ts';
import { snomReader } from './snom.ts';
import { yealinkDectReader } from './yealink-dect.ts';
import { yealinkReader } from './yealink.ts';

/** The reader of each family that has files. What its phones cannot take on purpose stands in limits.ts. */
export const readers: Readonly<Record<string, Reader>> = {
  acrobits: acrobitsReader,
  alcatel: alcatelReader,
  audiocodes: audiocodesReader,
  'avaya-j100': avayaJ100Reader,
  'digium-d': digiumDReader,
  enterprise: enterpriseReader,
  fanvil: fanvilReader,
  gigaset: gigasetReader,
  'gigaset-maxwell': gigasetMaxwellReader,
  'gigaset-p': snomReader,
  grandstream: grandstreamReader,
  'grandstream-grp': grandstreamGrpReader,
  'grandstream-ht': grandstreamHtReader,
  'grandstream-ht81x': grandstreamHt81xReader,
  htek: htekReader,
  linphone: linphoneReader,
  mitel: mitelReader,
  mpp: mppReader,
  panasonic: panasonicReader,
  poly: polyReader,
  'sangoma-s': htekReader,
  snom: snomReader,
  'snom-dect': snomDectReader,
  spa: spaReader,
  yealink: yealinkReader,
  'yealink-dect': yealinkDectReader,
};
