import type { PnpPhone } from '../../src/pnp/subscription.ts';

/** A request in the shape that phones of one maker send, and who it says is asking. */
export interface PnpRequest {
  readonly lines: (at: string) => readonly string[];
  readonly phone: Omit<PnpPhone, 'address'>;
}

/**
 * Shapes that were published: of snom by the maker (service.snom.com, "SIP PnP"), of AudioCodes in the administrator's
 * manuals of the 400HD series, of Planet in a user's manual; of Yealink and Grandstream as captures in free software,
 * of Akuvox in a test program. `at` is the phone's address and port.
 */
export const PNP_REQUESTS: Readonly<Record<string, PnpRequest>> = {
  snom: {
    lines: (at) => [
      'SUBSCRIBE sip:MAC%3a00041312AB49@intern.example SIP/2.0',
      `Via: SIP/2.0/UDP ${at};rport`,
      'From: <sip:MAC%3a00041312AB49@intern.example>;tag=658512961',
      'To: <sip:MAC%3a00041312AB49@intern.example>',
      'Call-ID: 1930770594@192.168.10.67',
      'CSeq: 1 SUBSCRIBE',
      'Event: ua-profile;profile-type="device";vendor="OEM";model="OEM";version="7.1.19"',
      'Expires: 0',
      'Accept: application/url',
      `Contact: <sip:${at}>`,
      'Content-Length: 0',
    ],
    phone: { mac: '00041312ab49', vendor: 'OEM', model: 'OEM', version: '7.1.19', userAgent: null },
  },
  'Yealink, nothing before the MAC': {
    lines: (at) => [
      'SUBSCRIBE sip:MAC0015651f49e1@224.0.1.75 SIP/2.0',
      `Via: SIP/2.0/UDP ${at};branch=z9hG4bK1536537630`,
      'From: <sip:MAC0015651f49e1@224.0.1.75>;tag=1536537630',
      'To: <sip:MAC0015651f49e1@224.0.1.75>',
      'Call-ID: 1536537630@10.1.3.239',
      'CSeq: 1 SUBSCRIBE',
      `Contact: <sip:MAC0015651f49e1@${at}>`,
      'Max-Forwards: 70',
      'User-Agent: Yealink W52P 25.81.0.10',
      'Expires: 0',
      'Event: ua-profile;profile-type="device";vendor="yealink";model="W52P";version="25.81.0.10"',
      'Accept: application/url',
      'Content-Length: 0',
    ],
    phone: {
      mac: '0015651f49e1',
      vendor: 'yealink',
      model: 'W52P',
      version: '25.81.0.10',
      userAgent: 'Yealink W52P 25.81.0.10',
    },
  },
  'Yealink, %3a before the MAC': {
    lines: (at) => [
      'SUBSCRIBE sip:MAC%3a0015651f4901@224.0.1.75 SIP/2.0',
      `Via: SIP/2.0/UDP ${at};branch=z9hG4bK42054260`,
      'From: <sip:MAC%3a0015651f4901@224.0.1.75>;tag=42054258',
      'To: <sip:MAC%3a0015651f4901@224.0.1.75>',
      'Call-ID: 42054258@10.1.3.240',
      'CSeq: 1 SUBSCRIBE',
      `Contact: <sip:MAC%3a0015651f4901@${at}>`,
      'Max-Forwards: 70',
      'User-Agent: Yealink SIP-T21P 34.72.14.6',
      'Expires: 0',
      'Event: ua-profile;profile-type="device";vendor="Yealink";model="T21D";version="34.72.14.6"',
      'Accept: application/url',
      'Content-Length: 0',
    ],
    phone: {
      mac: '0015651f4901',
      vendor: 'Yealink',
      model: 'T21D',
      version: '34.72.14.6',
      userAgent: 'Yealink SIP-T21P 34.72.14.6',
    },
  },
  Grandstream: {
    lines: (at) => [
      'SUBSCRIBE sip:MAC%3AC074AD1122A3@224.0.1.75 SIP/2.0',
      `Via: SIP/2.0/UDP ${at};branch=z9hG4bK1611133778;rport`,
      'From: <sip:MAC%3AC074AD1122A3@224.0.1.75>;tag=395400190',
      'To: <sip:MAC%3AC074AD1122A3@224.0.1.75>',
      'Call-ID: 490431573-5080-1@BJC.BGI.B.C',
      'CSeq: 20000 SUBSCRIBE',
      `Contact: <sip:${at}>`,
      'Max-Forwards: 70',
      'User-Agent: Grandstream GRP2612W 1.0.5.67',
      'Expires: 0',
      'Supported: replaces, path',
      'Event: ua-profile;profile-type="device";vendor="Grandstream";model="GRP2612W";version="1.0.5.67"',
      'Accept: application/url',
      'Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE',
      'Content-Length: 0',
    ],
    phone: {
      mac: 'c074ad1122a3',
      vendor: 'Grandstream',
      model: 'GRP2612W',
      version: '1.0.5.67',
      userAgent: 'Grandstream GRP2612W 1.0.5.67',
    },
  },
  Akuvox: {
    lines: (at) => [
      'SUBSCRIBE sip:MAC0C11050A22B1@224.0.1.75 SIP/2.0',
      `Via: SIP/2.0/UDP ${at};rport;branch=z9hG4bK325885`,
      'From: <sip:MAC0C11050A22B1@224.0.1.75>;tag=325885303',
      'To: <sip:MAC0C11050A22B1@224.0.1.75>',
      'Call-ID: 1147221869',
      'CSeq: 1 SUBSCRIBE',
      `Contact: <sip:MAC0C11050A22B1@${at}>`,
      'Expires: 0',
      'Event: ua-profile;profile-type="device";vendor="Akuvox";model="R20K";version="220.30.3.1"',
      'Accept: application/url',
      'Content-Length: 0',
    ],
    phone: { mac: '0c11050a22b1', vendor: 'Akuvox', model: 'R20K', version: '220.30.3.1', userAgent: null },
  },
  AudioCodes: {
    lines: (at) => [
      'SUBSCRIBE sip:224.0.1.75:5060 SIP/2.0',
      `From: <sip:00000001@${at}>;tag=87a5a8-25020d0a-13c4-50029`,
      'To: <sip:224.0.1.75:5060>',
      'Call-ID: 8884c8-25020d0a-13c4-50029-3e2bcb8e',
      'CSeq: 1 SUBSCRIBE',
      `Via: SIP/2.0/UDP ${at};rport;branch=z9hG4bK-386d4398-6ad00ca2-7ca3606e`,
      'Expires: 0',
      'Event: ua-profile;profile-type="application";model="440HD";version="2.2.2"',
      'Max-Forwards: 70',
      'Supported: replaces,100rel',
      'Accept: application/url',
      `Contact: <sip:00000001@${at}>`,
      'User-Agent: AUDC-IPPhone/2.2.2',
      'Content-Length: 0',
    ],
    phone: { mac: null, vendor: null, model: '440HD', version: '2.2.2', userAgent: 'AUDC-IPPhone/2.2.2' },
  },
  Planet: {
    lines: (at) => [
      'SUBSCRIBE sip:MAC=00304fa9a948@224.0.1.75 SIP/2.0',
      `Via: SIP/2.0/UDP ${at};branch=z9hG4bK3102710241234624733`,
      'From: <sip:MAC=00304fa9a948@224.0.1.75>',
      'To: <sip:MAC=00304fa9a948@224.0.1.75>',
      'Call-ID: 322432620212850@192.168.1.45',
      'CSeq: 1 SUBSCRIBE',
      `Contact: <sip:${at}>`,
      'Max-Forwards: 70',
      'User-Agent: PLANET VIP-2140PT',
      'Expires: 0',
      'Event:ua-profile;profile-type="device";vendor="PLANET";model="VIP-2140PT";version="2.0.3.2991"',
      'Accept: application/url',
      'Content-Length: 0',
    ],
    phone: {
      mac: '00304fa9a948',
      vendor: 'PLANET',
      model: 'VIP-2140PT',
      version: '2.0.3.2991',
      userAgent: 'PLANET VIP-2140PT',
    },
  },
};
