const en = {
  setUp:
    'Users may set up phones themselves: they dial {setUpNumber} from a new phone. {giveBackNumber} gives a phone back, {phoneNumber} says its number.',
  noSetUp:
    'Nobody sets up a phone by a call: whoever dials {setUpNumber} hears that it is switched off. Administrators give phones to users.',
  answered: 'Calls to {setUpNumber}, {giveBackNumber} and {phoneNumber} are answered here.',
  notAnswered: 'Calls to {setUpNumber}, {giveBackNumber} and {phoneNumber} are not answered here.',
  authentication_none: 'Whoever keys an extension gets it: nobody has to prove anything.',
  authentication_users:
    'A user keys the own PIN, numeric password or one-time code; nobody else can set up a phone for them by a call.',
  authentication_users_and_administrators:
    'A user keys the own PIN, numeric password or one-time code; an administrator keys 0 and the administrator’s code instead, and gives the phone to anybody.',
  code: 'There is an administrator’s code. It counts only where users and administrators may prove who they are.',
  noCode: 'There is no administrator’s code: that way is closed.',
  identifyBy_extension: 'Callers say who they are by their extension.',
  identifyBy_user_id: 'Callers say who they are by their user ID.',
  identifyBy_provisioning_id: 'Callers say who they are by their self-provisioning ID.',
  takeOver_refuse: 'A phone that a user has can be given to another one only after it has been given back.',
  takeOver_allow:
    'A phone that a user has can be given to another one by a call from it, with the secret of who has it.',
  factoryReset_refuse: 'A user’s phone that was reset gets no file: it must be taken back first.',
  factoryReset_default_line:
    'A user’s phone that was reset gets a default line, and its user has it again by a call from that.',
  enrolment: 'New phones get a default line as soon as they ask.',
  noEnrolment: 'New phones get nothing unless an administrator has entered them.',
  addresses_private:
    'A private address stands for one phone: within minutes after a call it may fetch its user’s file by that. A public address does not.',
  addresses_any:
    'Any address stands for one phone, a public one too: a neighbour behind the same address could fetch a user’s file within minutes after the call.',
  inventory_serial: 'A phone that was given to a user before it came shows by its serial number that it is that one.',
  inventory_network: 'A phone that was given to a user before it came is believed by its MAC in the trusted networks.',
  numbers: 'Phones that are nobody’s have numbers of {range}, by which they can be called back.',
  noNumbers: 'Phones that are nobody’s have no number: they cannot be called back.',
  borrowedUntil: 'Borrowed phones are given back each day at {ends}.',
  borrowedForEver: 'Borrowed phones are given back only by who has borrowed them.',
  emergency: 'Phones that are nobody’s, and blocked ones, reach {emergency}, and nobody else.',
  noEmergency: 'Phones that are nobody’s can call no emergency number.',
  prompts: 'Callers hear: {prompts}.',
  lockout:
    'After {wrong} wrong PINs in a row an extension is locked, and the phone that they came from: for {firstMinutes} minutes, then twice as long each time, at most {longestHours} hours.',
  guess:
    'A PIN that is made up here has {digits} digits: {possible} are possible. Who tries one extension without a pause has {perDay} tries on the first day and {perYear} in a year: one in {oneInDay} guesses it within a day, one in {oneInYear} within a year. That the PIN of any user is guessed within a year, when all of them are tried all the time ({users} now): {anyInYear}.',
  guessShort: 'The shortest PIN that may be chosen has {short} digits: one in {shortInYear} guesses it within a year.',
  assumptions:
    'This takes it that every possible PIN is equally likely, which holds for those that are made up here and not for those that people choose; that the guesser has as many phones as it takes; that no user keys the right PIN meanwhile, which lets the count begin anew; and that nobody reads the events, where each lock is seen.',
} as const;

export type Said = keyof typeof en;

/** What a policy says, by language; `{…}` is filled in. */
export const POLICY_WORDS = {
  en,
  de: {
    setUp:
      'Benutzer dürfen Telefone selbst einrichten: Sie wählen {setUpNumber} auf einem neuen Telefon. {giveBackNumber} gibt ein Telefon zurück, {phoneNumber} sagt seine Nummer an.',
    noSetUp:
      'Niemand richtet ein Telefon mit einem Anruf ein: Wer {setUpNumber} wählt, hört, dass es abgeschaltet ist. Administratoren vergeben die Telefone.',
    answered: 'Anrufe bei {setUpNumber}, {giveBackNumber} und {phoneNumber} werden hier angenommen.',
    notAnswered: 'Anrufe bei {setUpNumber}, {giveBackNumber} und {phoneNumber} werden hier nicht angenommen.',
    authentication_none: 'Wer eine Nebenstelle eingibt, bekommt sie: Niemand muss etwas beweisen.',
    authentication_users:
      'Ein Benutzer gibt die eigene PIN, das Ziffern-Passwort oder einen Einmal-Code ein; niemand sonst kann mit einem Anruf ein Telefon für ihn einrichten.',
    authentication_users_and_administrators:
      'Ein Benutzer gibt die eigene PIN, das Ziffern-Passwort oder einen Einmal-Code ein; ein Administrator gibt stattdessen 0 und den Administrator-Code ein und vergibt das Telefon an jeden.',
    code: 'Es gibt einen Administrator-Code. Er gilt nur, wo Benutzer und Administratoren sich ausweisen dürfen.',
    noCode: 'Es gibt keinen Administrator-Code: Dieser Weg ist zu.',
    identifyBy_extension: 'Anrufer sagen durch ihre Nebenstelle, wer sie sind.',
    identifyBy_user_id: 'Anrufer sagen durch ihre Benutzer-ID, wer sie sind.',
    identifyBy_provisioning_id: 'Anrufer sagen durch ihre Einrichtungs-ID, wer sie sind.',
    takeOver_refuse: 'Ein Telefon, das ein Benutzer hat, bekommt ein anderer erst, wenn es zurückgegeben ist.',
    takeOver_allow:
      'Ein Telefon, das ein Benutzer hat, bekommt ein anderer durch einen Anruf von dort, mit dem Geheimnis dessen, der es hat.',
    factoryReset_refuse:
      'Das Telefon eines Benutzers, das zurückgesetzt wurde, bekommt keine Datei: Es muss erst zurückgenommen werden.',
    factoryReset_default_line:
      'Das Telefon eines Benutzers, das zurückgesetzt wurde, bekommt eine Standardleitung; sein Benutzer hat es durch einen Anruf von dort wieder.',
    enrolment: 'Neue Telefone bekommen eine Standardleitung, sobald sie fragen.',
    noEnrolment: 'Neue Telefone bekommen nichts, wenn kein Administrator sie eingetragen hat.',
    addresses_private:
      'Eine private Adresse steht für ein einziges Telefon: In den Minuten nach einem Anruf darf es damit die Datei seines Benutzers holen. Eine öffentliche nicht.',
    addresses_any:
      'Jede Adresse steht für ein einziges Telefon, auch eine öffentliche: Ein Nachbar hinter derselben Adresse könnte in den Minuten nach dem Anruf die Datei eines Benutzers holen.',
    inventory_serial: 'Ein Telefon, das vergeben wurde, bevor es da war, weist sich durch seine Seriennummer aus.',
    inventory_network: 'Einem Telefon, das vergeben wurde, bevor es da war, genügt in den vertrauten Netzen seine MAC.',
    numbers: 'Telefone, die niemandem gehören, haben Nummern aus {range}, unter denen man sie zurückrufen kann.',
    noNumbers: 'Telefone, die niemandem gehören, haben keine Nummer: Man kann sie nicht zurückrufen.',
    borrowedUntil: 'Geliehene Telefone werden täglich um {ends} zurückgegeben.',
    borrowedForEver: 'Geliehene Telefone gibt nur zurück, wer sie geliehen hat.',
    emergency: 'Telefone, die niemandem gehören, und gesperrte erreichen {emergency} und sonst niemanden.',
    noEmergency: 'Telefone, die niemandem gehören, erreichen keinen Notruf.',
    prompts: 'Anrufer hören: {prompts}.',
    lockout:
      'Nach {wrong} falschen PINs hintereinander ist eine Nebenstelle gesperrt, ebenso das Telefon, von dem sie kamen: {firstMinutes} Minuten lang, dann jedes Mal doppelt so lange, höchstens {longestHours} Stunden.',
    guess:
      'Eine PIN, die hier gemacht wird, hat {digits} Ziffern: {possible} sind möglich. Wer eine Nebenstelle ohne Pause probiert, hat {perDay} Versuche am ersten Tag und {perYear} in einem Jahr: Einer von {oneInDay} errät sie in einem Tag, einer von {oneInYear} in einem Jahr. Dass in einem Jahr die PIN irgendeines Benutzers erraten wird, wenn alle dauernd probiert werden (zurzeit {users}): {anyInYear}.',
    guessShort:
      'Die kürzeste PIN, die man wählen darf, hat {short} Ziffern: Einer von {shortInYear} errät sie in einem Jahr.',
    assumptions:
      'Dabei ist angenommen, dass jede mögliche PIN gleich wahrscheinlich ist, was für die hier gemachten gilt und nicht für selbst gewählte; dass der Ratende so viele Telefone hat, wie er braucht; dass inzwischen kein Benutzer die richtige PIN eingibt, wonach von vorn gezählt wird; und dass niemand die Ereignisse liest, wo jede Sperre zu sehen ist.',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Said, string>>>>;

export type PolicyLanguage = keyof typeof POLICY_WORDS;

export const POLICY_LANGUAGES = Object.keys(POLICY_WORDS) as [PolicyLanguage, ...PolicyLanguage[]];
