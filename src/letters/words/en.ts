import type { Words } from './words.ts';

export const en: Words = {
  title: 'Setting up your phone',
  extension: 'Extension',
  plugIn: {
    heading: 'Plug in the phone',
    text: 'Connect it to the network and, if it came with one, to its power supply.',
  },
  wait: {
    heading: 'Wait for the display',
    text: 'Within a few minutes the phone shows “{label}”.',
  },
  dial: {
    heading: 'Dial {setUp}',
    text: 'Lift the handset and dial {setUp}. A voice tells you what to enter.',
  },
  by: {
    pin: {
      name: 'PIN',
      key: {
        heading: 'Enter your extension and PIN',
        text: 'Key in {extension} and the pound key (#), then your PIN and #. Press 1 to confirm, and hang up. The phone restarts and is yours.',
      },
      giveBack: {
        heading: 'Giving the phone back',
        text: 'Dial {giveBack} on this phone, key in your PIN and #, and press 1.',
      },
      refused: {
        heading: 'If your entry is not accepted',
        text: 'Check the extension and the PIN on this sheet and dial {setUp} again. After five wrong entries you have to wait five minutes, then longer each time. For a new PIN, please ask your administrator.',
      },
      keep: 'This PIN replaces any you were given before. Please keep it to yourself.',
    },
    code: {
      name: 'Code',
      key: {
        heading: 'Enter the code',
        text: 'Key in the code above and the pound key (#). Press 1 to confirm, and hang up. The phone restarts and is yours.',
      },
      giveBack: {
        heading: 'Giving the phone back',
        text: 'Dial {giveBack} on this phone and follow the voice. If you have no PIN, please ask your administrator.',
      },
      refused: {
        heading: 'If the code is not accepted',
        text: 'Check the code on this sheet and dial {setUp} again. A code works only once and for a limited time. For a new one, please ask your administrator.',
      },
      keep: 'This code works only once. Please keep it to yourself.',
    },
  },
};
