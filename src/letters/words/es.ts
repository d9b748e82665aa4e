import type { Words } from './words.ts';

export const es: Words = {
  title: 'Cómo configurar su teléfono',
  extension: 'Extensión',
  plugIn: {
    heading: 'Conecte el teléfono',
    text: 'Conéctelo a la red y, si lo incluye, al adaptador de corriente.',
  },
  wait: {
    heading: 'Espere a que aparezca el aviso',
    text: 'En unos minutos, la pantalla mostrará «{label}».',
  },
  dial: {
    heading: 'Marque {setUp}',
    text: 'Descuelgue y marque {setUp}. Una voz le indicará qué debe introducir.',
  },
  by: {
    pin: {
      name: 'PIN',
      key: {
        heading: 'Introduzca su extensión y su PIN',
        text: 'Teclee {extension} y la almohadilla (#), y después su PIN y #. Pulse 1 para confirmar y cuelgue. El teléfono se reiniciará y quedará asignado a usted.',
      },
      giveBack: {
        heading: 'Para devolver el teléfono',
        text: 'Marque {giveBack} en este teléfono, teclee su PIN y #, y pulse 1.',
      },
      refused: {
        heading: 'Si no se aceptan sus datos',
        text: 'Compruebe la extensión y el PIN en esta hoja y vuelva a marcar {setUp}. Tras cinco intentos erróneos deberá esperar cinco minutos, y cada vez más tiempo. Para obtener un PIN nuevo, diríjase a su administrador.',
      },
      keep: 'Este PIN sustituye a cualquier otro que haya recibido. Por favor, no se lo comunique a nadie.',
    },
    code: {
      name: 'Código',
      key: {
        heading: 'Introduzca el código',
        text: 'Teclee el código que figura arriba y la almohadilla (#). Pulse 1 para confirmar y cuelgue. El teléfono se reiniciará y quedará asignado a usted.',
      },
      giveBack: {
        heading: 'Para devolver el teléfono',
        text: 'Marque {giveBack} en este teléfono y siga las indicaciones. Si no tiene PIN, diríjase a su administrador.',
      },
      refused: {
        heading: 'Si no se acepta el código',
        text: 'Compruebe el código en esta hoja y vuelva a marcar {setUp}. Cada código sirve una sola vez y durante un tiempo limitado. Para obtener uno nuevo, diríjase a su administrador.',
      },
      keep: 'Este código sirve una sola vez. Por favor, no se lo comunique a nadie.',
    },
  },
};
