# Alle Texte der Seiten auf Deutsch. Aufbau und Reihenfolge sind die der englischen Datei.

## Zahlen, Geld und Zeit

decimal-mark = ,
thousands-mark = .
money = { $amount } $
month-name = { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}
month-short = { $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sept.
    [10] Okt.
    [11] Nov.
   *[12] Dez.
}
weekday-name = { $weekday ->
    [1] Montag
    [2] Dienstag
    [3] Mittwoch
    [4] Donnerstag
    [5] Freitag
    [6] Samstag
   *[7] Sonntag
}
weekday-short = { $weekday ->
    [1] Mo.
    [2] Di.
    [3] Mi.
    [4] Do.
    [5] Fr.
    [6] Sa.
   *[7] So.
}
date-long = { $weekday }, { $day }. { $month } { $year }
date-and-clock = { $date }, { $clock } Uhr
away-days = { $days ->
    [0] heute
    [1] morgen
   *[other] in { $days } Tagen
}
away-weeks = in { $weeks } Wochen
away-months = in { $months } Monaten
away-over = vorbei
clock-utc = { $clock } Uhr UTC
time-left-seconds = { $seconds } s
time-left-minutes = { $minutes } min { $seconds } s
time-left-hours = { $hours } h { $minutes } min

## Der Rahmen jeder Seite

frame-title = { $title } · Ticketing
frame-skip = Zum Inhalt springen
frame-navigation = Hauptmenü
frame-sell = Tickets verkaufen
frame-sign-up = Registrieren
frame-sign-in = Anmelden
frame-sign-out = Abmelden
frame-orders = Meine Bestellungen
frame-signed-in = Angemeldet als { $email }

## Finden: Startseite, Suche, ein Event

## Verkaufen: Formular, eigene Angebote, die Datei

## Ein Ticket, und es bestellen

## Bestellungen, Bezahlen, die Quittung

## Konten

## Die Seite des Betreibers, Bedingungen, Datenschutz

## Was schiefgeht

## Was die Dienste antworten: der englische Satz, klein und mit Bindestrichen, ist die Kennung

message-not-found = Nicht gefunden
message-not-authorized = Nicht erlaubt
