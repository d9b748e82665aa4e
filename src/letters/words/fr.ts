import type { Words } from './words.ts';

export const fr: Words = {
  title: 'Mettre en service votre téléphone',
  extension: 'Numéro de poste',
  plugIn: {
    heading: 'Branchez le téléphone',
    text: 'Raccordez-le au réseau et, le cas échéant, à son bloc d’alimentation.',
  },
  wait: {
    heading: 'Attendez l’affichage',
    text: 'Au bout de quelques minutes, l’écran affiche « {label} ».',
  },
  dial: {
    heading: 'Composez le {setUp}',
    text: 'Décrochez et composez le {setUp}. Une voix vous indique ce qu’il faut saisir.',
  },
  by: {
    pin: {
      name: 'Code PIN',
      key: {
        heading: 'Saisissez votre numéro de poste et votre code PIN',
        text: 'Saisissez {extension} puis la touche dièse (#), ensuite votre code PIN et #. Confirmez avec la touche 1 et raccrochez. Le téléphone redémarre et vous est attribué.',
      },
      giveBack: {
        heading: 'Pour rendre le téléphone',
        text: 'Composez le {giveBack} sur ce téléphone, saisissez votre code PIN et #, puis appuyez sur 1.',
      },
      refused: {
        heading: 'Si votre saisie n’est pas acceptée',
        text: 'Vérifiez le numéro de poste et le code PIN sur cette feuille, puis recomposez le {setUp}. Après cinq saisies erronées, il faut attendre cinq minutes, puis de plus en plus longtemps. Pour obtenir un nouveau code PIN, adressez-vous à votre administrateur.',
      },
      keep: 'Ce code PIN remplace tout code reçu auparavant. Veuillez ne le communiquer à personne.',
    },
    code: {
      name: 'Code',
      key: {
        heading: 'Saisissez le code',
        text: 'Saisissez le code ci-dessus puis la touche dièse (#). Confirmez avec la touche 1 et raccrochez. Le téléphone redémarre et vous est attribué.',
      },
      giveBack: {
        heading: 'Pour rendre le téléphone',
        text: 'Composez le {giveBack} sur ce téléphone et suivez les indications. Si vous n’avez pas de code PIN, adressez-vous à votre administrateur.',
      },
      refused: {
        heading: 'Si le code n’est pas accepté',
        text: 'Vérifiez le code sur cette feuille, puis recomposez le {setUp}. Un code ne sert qu’une fois et pour une durée limitée. Pour en obtenir un nouveau, adressez-vous à votre administrateur.',
      },
      keep: 'Ce code ne sert qu’une fois. Veuillez ne le communiquer à personne.',
    },
  },
};
