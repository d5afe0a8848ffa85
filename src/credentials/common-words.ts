// Words that guessing begins with, in the four languages of the portal; the longest first, so that a word is
// taken whole. A password made of nothing but these is refused, whatever digits and signs stand around them.

const WORDS = `
password passwort wachtwoord paswoord motdepasse passw pass pwd secret geheim secretaris welkom welcome willkommen bienvenue
admin administrator beheerder gebruiker user guest gast test tester demo temp tijdelijk changeme change login inloggen
letmein iloveyou ikhouvanjou jetaime ichliebedich sunshine princess prinses prinzessin monkey dragon football voetbal
fussball soccer baseball basketball superman batman master shadow michael jordan hunter trustno hello hallo bonjour
winter lente zomer herfst summer spring autumn fall sommer herbst printemps automne hiver januari februari maart april mei
juni juli augustus september oktober november december maandag dinsdag woensdag donderdag vrijdag monday friday
company bedrijf firma entreprise office kantoor portal portaal business post mail brussel brussels bruxelles antwerpen
belgium belgie belgique nederland france deutschland amsterdam paris berlin qwerty azerty qwertz asdfgh abc abcd
correcthorsebatterystaple
`;

export const COMMON_WORDS: readonly string[] = WORDS.trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length);
