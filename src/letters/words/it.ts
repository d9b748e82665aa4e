import type { Words } from './words.ts';

export const it: Words = {
  title: 'Come configurare il Suo telefono',
  extension: 'Interno',
  plugIn: {
    heading: 'Colleghi il telefono',
    text: 'Lo colleghi alla rete e, se in dotazione, all’alimentatore.',
  },
  wait: {
    heading: 'Attenda l’indicazione sul display',
    text: 'Entro pochi minuti sul display compare «{label}».',
  },
  dial: {
    heading: 'Componga {setUp}',
    text: 'Sollevi il ricevitore e componga {setUp}. Una voce Le dirà che cosa inserire.',
  },
  by: {
    pin: {
      name: 'PIN',
      key: {
        heading: 'Inserisca l’interno e il PIN',
        text: 'Digiti {extension} e il tasto cancelletto (#), poi il Suo PIN e #. Prema 1 per confermare e riagganci. Il telefono si riavvia e sarà assegnato a Lei.',
      },
      giveBack: {
        heading: 'Per restituire il telefono',
        text: 'Componga {giveBack} da questo telefono, digiti il Suo PIN e #, quindi prema 1.',
      },
      refused: {
        heading: 'Se i dati non vengono accettati',
        text: 'Verifichi l’interno e il PIN su questo foglio e componga di nuovo {setUp}. Dopo cinque tentativi errati occorre attendere cinque minuti, poi ogni volta di più. Per un nuovo PIN si rivolga al Suo amministratore.',
      },
      keep: 'Questo PIN sostituisce ogni altro ricevuto in precedenza. La preghiamo di non comunicarlo a nessuno.',
    },
    code: {
      name: 'Codice',
      key: {
        heading: 'Inserisca il codice',
        text: 'Digiti il codice riportato sopra e il tasto cancelletto (#). Prema 1 per confermare e riagganci. Il telefono si riavvia e sarà assegnato a Lei.',
      },
      giveBack: {
        heading: 'Per restituire il telefono',
        text: 'Componga {giveBack} da questo telefono e segua le indicazioni. Se non ha un PIN, si rivolga al Suo amministratore.',
      },
      refused: {
        heading: 'Se il codice non viene accettato',
        text: 'Verifichi il codice su questo foglio e componga di nuovo {setUp}. Un codice vale una sola volta e per un tempo limitato. Per averne uno nuovo si rivolga al Suo amministratore.',
      },
      keep: 'Questo codice vale una sola volta. La preghiamo di non comunicarlo a nessuno.',
    },
  },
};
