import type { Words } from './words.ts';

export const de: Words = {
  title: 'So richten Sie Ihr Telefon ein',
  extension: 'Nebenstelle',
  plugIn: {
    heading: 'Telefon anschließen',
    text: 'Verbinden Sie das Telefon mit dem Netzwerk und, falls eines beiliegt, mit dem Netzteil.',
  },
  wait: {
    heading: 'Auf die Anzeige warten',
    text: 'Nach wenigen Minuten erscheint auf dem Display „{label}“.',
  },
  dial: {
    heading: '{setUp} wählen',
    text: 'Heben Sie den Hörer ab und wählen Sie {setUp}. Eine Ansage führt Sie durch die Eingabe.',
  },
  by: {
    pin: {
      name: 'PIN',
      key: {
        heading: 'Nebenstelle und PIN eingeben',
        text: 'Geben Sie {extension} und die Rautetaste (#) ein, danach Ihre PIN und #. Bestätigen Sie mit 1 und legen Sie auf. Das Telefon startet neu und ist dann für Sie eingerichtet.',
      },
      giveBack: {
        heading: 'Telefon zurückgeben',
        text: 'Wählen Sie an diesem Telefon {giveBack}, geben Sie Ihre PIN und # ein und bestätigen Sie mit 1.',
      },
      refused: {
        heading: 'Wenn Ihre Eingabe nicht angenommen wird',
        text: 'Vergleichen Sie Nebenstelle und PIN mit diesem Blatt und wählen Sie {setUp} erneut. Nach fünf falschen Eingaben müssen Sie fünf Minuten warten, danach jedes Mal länger. Eine neue PIN erhalten Sie von Ihrer Administration.',
      },
      keep: 'Diese PIN ersetzt jede, die Sie zuvor erhalten haben. Bitte geben Sie sie nicht weiter.',
    },
    code: {
      name: 'Code',
      key: {
        heading: 'Code eingeben',
        text: 'Geben Sie den obigen Code und die Rautetaste (#) ein. Bestätigen Sie mit 1 und legen Sie auf. Das Telefon startet neu und ist dann für Sie eingerichtet.',
      },
      giveBack: {
        heading: 'Telefon zurückgeben',
        text: 'Wählen Sie an diesem Telefon {giveBack} und folgen Sie der Ansage. Wenn Sie keine PIN haben, wenden Sie sich bitte an Ihre Administration.',
      },
      refused: {
        heading: 'Wenn der Code nicht angenommen wird',
        text: 'Vergleichen Sie den Code mit diesem Blatt und wählen Sie {setUp} erneut. Ein Code gilt nur einmal und nur für begrenzte Zeit. Einen neuen erhalten Sie von Ihrer Administration.',
      },
      keep: 'Dieser Code gilt nur einmal. Bitte geben Sie ihn nicht weiter.',
    },
  },
};
