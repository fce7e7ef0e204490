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
away-years = in { $years } Jahren
away-over = vorbei
clock-utc = { $clock } Uhr UTC
moment = { $date }, { $clock }
time-left-seconds = { $seconds } s
time-left-minutes = { $minutes } min { $seconds } s
time-left-hours = { $hours } h { $minutes } min
time-left-only-minutes = { $minutes } min

## Der Rahmen jeder Seite

frame-title = { $title } · Ticketing
frame-skip = Zum Inhalt springen
frame-navigation = Hauptmenü
frame-search = Suchen
frame-search-label = Ein Event suchen
frame-search-hint = Künstler, Team, Stadt
frame-sell = Verkaufen
frame-sign-up = Registrieren
frame-sign-in = Anmelden
frame-sign-out = Abmelden
frame-account = Konto
frame-account-page = Mein Konto
frame-settings = Einstellungen
frame-orders = Meine Bestellungen
frame-selling = Meine Angebote
frame-open-orders = { $orders ->
    [one] Eine Bestellung ist zu bezahlen
   *[other] { $orders } Bestellungen sind zu bezahlen
}
frame-terms = Bedingungen
frame-privacy = Datenschutz
frame-description = Tickets für Konzerte, Theater und Sport von Mensch zu Mensch kaufen und verkaufen, zum Preis der Verkäufer und ohne Gebühren.
frame-preview = Ein Ticket mit perforiertem Abschnitt vor farbigen Formen
frame-feed = Feed neuer Tickets
frame-docs = API (englisch)
language-name = Deutsch
frame-signed-in = Angemeldet als { $email }

## Finden: Startseite, Suche, ein Event

find-heading = Tickets für das, was Sie sehen wollen
find-lead = Wer nicht hingehen kann, verkauft an den, der will. Zum eigenen Preis, ohne Gebühren.
find-title = Tickets: { $filters }
find-description = Konzerte, Theater und Sport in { $city }: Tickets von Menschen, die nicht hingehen können, ohne Gebühren.
find-events = Events
find-all-cities = Alle Städte
find-cities = Stadt
find-all-days = Jeder Tag
find-days = Tag
find-today = Heute
find-weekend = Dieses Wochenende
find-week = Diese Woche
find-month = Dieser Monat
find-next-month = Nächster Monat
find-day = { $day }. { $month }
find-more = Preis und Tage
find-more-about = genauer suchen
find-min = Gesamtpreis ab
find-max = Gesamtpreis bis
find-from-day = Erster Tag
find-to-day = Letzter Tag
find-apply = Anzeigen
find-active = Sie suchen
find-words = „{ $words }“
find-price = { $min } bis { $max }
find-price-from = ab { $min }
find-price-to = bis { $max }
find-days-both = { $from } bis { $to }
find-days-from = ab { $from }
find-days-to = bis { $to }
find-drop = { $filter }: weglassen
find-drop-all = Neu beginnen
find-none = Nichts passt zu alledem
find-none-of-one = Nichts gefunden zu { $filter }
find-loosen = Es gibt etwas, wenn Sie eines davon weglassen:
find-without = ohne { $filter }
find-all-events = Alle Events
find-instead = Demnächst
find-nothing = Im Moment wird nichts angeboten
find-nothing-about = Sie haben ein Ticket und können nicht hingehen? Ihres wäre das erste.
find-no-more = Weitere Events gibt es nicht.
find-first = Erste Events
find-next = Weitere Events
find-pages = Seiten
find-no-date = Ohne Datum
find-when = { $clock } Uhr · { $away }
find-tickets = { $tickets ->
    [0] Ausverkauft
    [one] 1 Angebot
   *[other] { $tickets } Angebote
}
find-from = ab { $price }

event-tickets = Tickets
event-sell = Ticket dafür verkaufen
event-sort = Reihenfolge
event-sort-seat = Günstigster Platz
event-sort-total = Günstigste Summe
event-sort-dearest = Teuerste
event-sort-newest = Neueste
event-cheapest = Am günstigsten
event-each = je Ticket
event-total = { $price } zusammen
event-section = Block { $section }
event-row = Reihe { $row }
event-seat = Platz { $seat }
event-any-seat = Ohne Platzangabe
event-seats = { $seats ->
    [one] 1 Ticket
   *[other] { $seats } Tickets zusammen
}
event-at-once = Download gleich nach der Zahlung
event-gone = Gerade weg
event-changed = Die Liste der Tickets hat sich geändert.
event-about = Mehr als den Preis zahlen Sie nicht. Es verkaufen Privatleute.
event-first = Erste Tickets
event-next = Weitere Tickets
event-description = { $about }. Tickets ab { $price }, ohne Gebühren.
event-none-heading = Keine Tickets für dieses Event
event-none = Alle sind verkauft oder reserviert, oder die Adresse ist falsch geschrieben. Ein reserviertes Ticket kommt zurück, wenn es nicht bezahlt wird.

## Verkaufen: Formular, eigene Angebote, die Datei

sell-heading = Ticket verkaufen
sell-lead = Titel und Preis genügen. Je mehr Sie angeben, desto schneller ist es verkauft.
sell-edit-heading = Angebot ändern
sell-edit-lead = Sie können alles ändern, bis jemand bestellt.
sell-title = Titel
sell-title-hint = Wonach gesucht wird: Künstler, Mannschaften, Stück
sell-suggestions = Events, die es schon gibt
sell-suggestions-found = Gefundene Events: %n. Wählen Sie eines mit den Pfeiltasten, oder schreiben Sie weiter.
sell-quantity = Tickets
sell-quantity-option = { $seats ->
    [one] 1 Ticket
   *[other] { $seats } Tickets zusammen
}
sell-price = Preis
sell-price-hint = In US-Dollar, für alle zusammen
sell-where-and-when = Ort und Zeit
sell-where-and-when-about = damit Käufer es finden
sell-venue = Veranstaltungsort
sell-city = Stadt
sell-date = Datum
sell-time = Beginn
sell-zone = Zeitzone des Ortes
sell-zone-hint = Käufer sehen die Uhrzeit vor Ort
sell-zone-usual = Europe/Berlin
sell-zone-name = { $zone ->
    [Honolulu] Honolulu
    [Anchorage] Anchorage
    [Los_Angeles] Los Angeles, Vancouver
    [Denver] Denver, Calgary
    [Phoenix] Phoenix
    [Chicago] Chicago, Dallas, Winnipeg
    [Mexico_City] Mexiko-Stadt
    [New_York] New York, Toronto, Miami
    [Bogota] Bogotá, Lima
    [Halifax] Halifax, Bermuda
    [Sao_Paulo] São Paulo, Buenos Aires
    [London] London, Dublin, Lissabon
    [Lagos] Lagos, Algier
    [Berlin] Berlin, Wien, Zürich, Paris
    [Johannesburg] Johannesburg, Kapstadt
    [Athens] Athen, Helsinki, Kiew
    [Cairo] Kairo
    [Istanbul] Istanbul, Riad
    [Nairobi] Nairobi
    [Dubai] Dubai
    [Karachi] Karatschi
    [Kolkata] Mumbai, Delhi
    [Dhaka] Dhaka
    [Bangkok] Bangkok, Jakarta
    [Singapore] Singapur, Hongkong, Perth
    [Tokyo] Tokio, Seoul
    [Brisbane] Brisbane
    [Sydney] Sydney, Melbourne
    [Auckland] Auckland
   *[UTC] UTC
}
sell-date-missing = Bitte geben Sie auch den Tag an
sell-time-missing = Bitte geben Sie auch die Uhrzeit an
sell-seats = Plätze
sell-seats-about = Block, Reihe und Platz
sell-section = Block
sell-row = Reihe
sell-seat = Platz
sell-more = Originalpreis und Einschränkungen
sell-more-about = was es gekostet hat, wer hineindarf
sell-face-value = Originalpreis eines Tickets
sell-face-value-hint = Was ein Ticket zuerst gekostet hat, in US-Dollar. Käufer sehen den Vergleich mit Ihrem Preis.
sell-restrictions = Einschränkungen
sell-restrictions-hint = Zum Beispiel: ab 18, Sicht eingeschränkt, nur mit Studentenausweis
sell-file = Das Ticket selbst
sell-file-about = PDF oder Bild, nur für den Käufer
sell-file-label = Datei des Tickets
sell-file-hint = PDF, PNG oder JPEG, höchstens 2 MiB. Der Käufer bekommt sie sofort nach dem Bezahlen, sonst niemand.
sell-file-too-large = Diese Datei ist größer als 2 MiB. Ein Screenshot des Tickets genügt.
sell-file-again = Eine Seite kann keine Datei behalten: Bitte wählen Sie sie noch einmal aus.
sell-submit = Zum Verkauf anbieten
sell-submitting = Wird angeboten …
sell-save = Speichern
sell-saving = Wird gespeichert …
sell-preview = Vorschau
sell-preview-heading = Das sehen Käufer
sell-event = Gibt es das Event hier schon?
sell-event-about = wählen Sie es aus, dann sind Ort und Zeit ausgefüllt
sell-event-query = Künstler, Team, Ort oder Stadt
sell-event-search = Event suchen
sell-file-not-copied = Die Datei des alten Angebots wird nicht übernommen: Bitte hängen Sie sie unten wieder an.
sell-event-none = Dieses Event gibt es noch nicht. Ihr Ticket ist das erste.
sell-file-heading = Die Datei Ihres Tickets
sell-file-listed = Ihr Ticket steht zum Verkauf. Es fehlt nur die Datei.
sell-file-failed = Die Datei ist nicht angekommen. Bitte wählen Sie sie noch einmal aus.
sell-file-none = Noch keine Datei. Sie können auch ohne verkaufen und sie später ergänzen.
sell-file-awaited = Ihr Käufer wartet auf diese Datei. Er bekommt sie, sobald Sie sie anhängen.
sell-file-attached = Die Datei ist da. Der Käufer bekommt sie nach dem Bezahlen.
sell-file-download = Herunterladen
sell-file-fixed = Sie gehört jetzt zur Bestellung und kann nicht mehr ersetzt werden.
sell-file-other = Eine andere Datei
sell-file-replace = Datei ersetzen
sell-file-attach = Datei anhängen
sell-file-attaching = Wird angehängt …
sell-file-there = Die Datei
sell-file-missing = Die Datei des Tickets anhängen
sell-back = Zurück zu meinen Angeboten
sell-withdraw-heading = Dieses Angebot zurückziehen?
sell-withdraw-about = Danach kann es niemand mehr kaufen. Sie können es jederzeit wieder anbieten.
sell-withdraw = Zurückziehen
sell-keep = Weiter anbieten
sell-own-heading = Meine Angebote
sell-own-new = Ticket verkaufen
sell-own-nothing = Sie haben noch nichts angeboten. Es dauert eine Minute.
sell-own-on-sale = Im Angebot
sell-own-sold = Verkauft
sell-own-earned = Verkauft für
sell-own-awaited = { $tickets ->
    [one] Ein Käufer wartet auf sein Ticket: Bitte hängen Sie die Datei an.
   *[other] Käufer warten auf { $tickets } Tickets: Bitte hängen Sie die Dateien an.
}
sell-own-no-more = Es gibt keine weiteren Angebote.
sell-own-first = Neueste Angebote
sell-own-next = Ältere Angebote
sell-own-pages = Seiten
sell-state-on-sale = Im Angebot
sell-state-held = Reserviert, noch nicht bezahlt
sell-state-held-until = Reserviert bis
sell-state-sold = Verkauft für { $price }
sell-state-withdrawn = Zurückgezogen
sell-state-taken-down = Vom Betreiber entfernt
sell-state-over = Vorbei, nicht verkauft
sell-taken-down = Begründung des Betreibers: { $reason }
sell-edit = Ändern
sell-add-file = Datei anhängen
sell-again = Noch einmal anbieten

## Ein Ticket, und es bestellen

ticket-local-time = Ortszeit, { $away }
ticket-tickets = Tickets
ticket-together = { $seats } zusammen
ticket-section = Block
ticket-row = Reihe
ticket-seat = Platz
ticket-restrictions = Einschränkungen
ticket-no-price = Noch kein Preis
ticket-no-title = Noch kein Titel
ticket-each = für { $seats } Tickets, je { $price }
ticket-for = für { $seats }
ticket-face-value = Originalpreis { $price }
ticket-at-face-value = Zum Originalpreis
ticket-below-face-value = { $percent } % darunter
ticket-above-face-value = { $percent } % darüber
ticket-delivered-at-once = Gleich nach dem Bezahlen herunterladen. Das Ticket ist schon da.
ticket-delivered-later = Der Verkäufer schickt das Ticket nach dem Verkauf über diese Seite.
ticket-buy = Kaufen
ticket-buying = Wird reserviert …
ticket-buy-about = Es ist für Sie reserviert, während Sie bezahlen. Keine Gebühren.
ticket-sign-in = Anmelden und kaufen
ticket-new-here = Neu hier?
ticket-sign-up = Registrieren
ticket-own = Das ist Ihr Ticket. Es steht zum Verkauf.
ticket-own-begun = Das ist Ihr Ticket. Das Event hat begonnen, daher steht es nicht mehr zum Verkauf.
ticket-own-taken = Das ist Ihr Ticket. Es ist reserviert oder verkauft und lässt sich nicht mehr ändern.
ticket-edit = Ändern
ticket-withdraw = Zurückziehen
ticket-file = Die Datei
ticket-add-file = Datei anhängen
ticket-selling = Meine Angebote
ticket-bought = Sie haben dieses Ticket gekauft.
ticket-reserved = Sie haben dieses Ticket reserviert.
ticket-order = Ihre Bestellung
ticket-pay = Bezahlen
ticket-taken = Jemand anderes hat dieses Ticket reserviert oder gekauft.
ticket-begun = Das Event hat begonnen, daher steht das Ticket nicht mehr zum Verkauf.
ticket-others = Alle Tickets für dieses Event
ticket-all = Alle Events
ticket-similar = Ähnliche Tickets
ticket-description = { $about }. { $price }, ohne Gebühren.
ticket-gone-heading = Dieses Ticket gibt es hier nicht mehr
ticket-gone = Es wurde verkauft oder zurückgezogen, oder die Adresse ist falsch geschrieben.
ticket-lost-heading = Jemand war schneller
ticket-lost = { $title } wurde gerade von jemand anderem reserviert. Es wurde nichts berechnet.
ticket-lost-again = Noch einmal nachsehen: Es kommt zurück, wenn jene Bestellung nicht bezahlt wird
ticket-price-changed = Der Verkäufer hat den Preis von { $before } auf { $now } geändert. Noch ist nichts bestellt: Drücken Sie auf Kaufen, wenn es Ihnen recht ist.
ticket-changed = Der Verkäufer hat dieses Angebot geändert. Noch ist nichts bestellt: Drücken Sie auf Kaufen, wenn es Ihnen noch passt.
ticket-report = Dieses Angebot melden
ticket-report-heading = Ein Angebot melden
ticket-report-reason = Was stimmt damit nicht?
ticket-report-hint = Zum Beispiel: Es wird auch anderswo angeboten, es ist gefälscht, der Preis stimmt nicht
ticket-report-send = Meldung absenden
ticket-reporting = Wird gesendet …
ticket-reported-heading = Vielen Dank
ticket-reported = Wir sehen uns „{ $title }“ an.

## Bestellungen, Bezahlen, die Quittung

order-title = Bestellung: { $title }
order-number = Bestellung { $number }
order-ticket = Ihr Ticket
order-listing = Zum Angebot
order-all = Meine Bestellungen
order-steps = Stand Ihrer Bestellung
order-step-reserved = Reservierung
order-step-paid = Bezahlung
order-step-ticket = Ticket
order-step-done = Erledigt:
order-payable-heading = Für Sie reserviert
order-time-left = Zeit zum Bezahlen:
order-until = bis
order-late = Keine zwei Minuten mehr zum Bezahlen. Danach kommt das Ticket wieder in den Verkauf.
order-pay = { $amount } bezahlen
order-paying = Wird bezahlt …
order-cancel = Bestellung stornieren
order-cancel-hint = Das Ticket kommt wieder in den Verkauf. Sie zahlen nichts.
order-test-mode = Testbetrieb: Es fließt kein Geld
order-test-card = Testkarte
order-card-visa = Visa, klappt
order-card-mastercard = Mastercard, klappt
order-card-amex = American Express, klappt
order-card-confirmed = Visa, will Ihre Bestätigung und klappt dann
order-card-confirmed-declined = Visa, will Ihre Bestätigung und wird dann abgelehnt
order-card-declined = Visa, wird abgelehnt
order-card-insufficient = Visa, ist nicht gedeckt
order-card-expired = Visa, ist abgelaufen
order-stripe-unreachable = Stripe ist nicht erreichbar. Bitte versuchen Sie es später noch einmal.
order-stripe-needs-script = Kartennummern gehen nur an Stripe, und das braucht JavaScript. Bitte schalten Sie es zum Bezahlen ein.
order-confirm-title = Zahlung bestätigen
order-confirm-heading = Ihre Bank möchte, dass Sie diese Zahlung bestätigen
order-test-bank = Testbetrieb: Es fließt kein Geld, und diese Seite steht für die Ihrer Bank
order-confirm = { $amount } bestätigen
order-confirming = Wird bestätigt …
order-refuse = Ablehnen
order-back = Zurück zur Bestellung
order-bank-waiting = Ihre Bank wird gefragt …
order-bank-needs-script = Die Bestätigung der Bank braucht JavaScript. Bitte schalten Sie es ein, oder gehen Sie zurück und nehmen Sie eine andere Karte.
order-completing-heading = Ihre Zahlung ist da
order-completing = Die Bestellung wird abgeschlossen. Das dauert in der Regel weniger als eine Sekunde.
order-expiring-heading = Die Zeit zum Bezahlen ist vorbei
order-expiring = Das Ticket kommt wieder in den Verkauf. Sie zahlen nichts.
order-updates-itself = Diese Seite ändert sich von selbst, wenn es etwas Neues gibt. Sie können auch später wiederkommen.
order-paid-heading = Bezahlt. Das Ticket gehört Ihnen.
order-file-there = Laden Sie es herunter, und zeigen Sie es am Eingang auf dem Telefon oder auf Papier.
order-download = Ticket herunterladen
order-file-later = Hier legt der Verkäufer das Ticket ab, und sobald es da ist, zeigt diese Seite es. Kommt es nicht vor der Veranstaltung, schreiben Sie dem Betreiber dieser Seite: Er kann die Bestellung erstatten.
order-calendar = In den Kalender
order-print = Quittung drucken
order-resell-question = Sie können nicht hingehen?
order-resell = Dieses Ticket weiterverkaufen
order-refunded-heading = Erstattet
order-refunded = Sie haben { $amount } zurückbekommen. Das Ticket gehört Ihnen nicht mehr.
order-cancelled-heading = Sie haben diese Bestellung storniert
order-cancelled = Das Ticket ist wieder im Verkauf. Sie zahlen nichts dafür.
order-expired-heading = Die Zeit zum Bezahlen ist abgelaufen
order-expired = Das Ticket ist wieder im Verkauf. Sie zahlen nichts dafür.
order-failed-heading = Die Zahlung hat nicht geklappt
order-failed = Ihre Bank hat die zugesagte Zahlung zurückgezogen, deshalb wurde diese Bestellung storniert. Sie zahlen nichts dafür.
order-over-heading = Diese Bestellung ist beendet
order-over = Sie wurde storniert oder nicht rechtzeitig bezahlt. Sie zahlen nichts dafür.
order-over-refunded = Sie haben { $amount } zurückbekommen.
order-again = Noch einmal bestellen
order-receipt = Quittung
order-receipt-test = Testbetrieb: Es ist kein Geld geflossen. Beträge in US-Dollar.
order-receipt-currency = Beträge in US-Dollar. Außer dem Preis wurde nichts berechnet.
order-receipt-number = Bestellnummer
order-receipt-date = Bestellt
order-receipt-buyer = Gekauft von
order-receipt-seller = Verkauft von
order-seller-number = Privatperson, Nummer { $number }
order-receipt-event = Event
order-receipt-when = Wann
order-receipt-where = Wo
order-receipt-seats = Tickets
order-receipt-restrictions = Einschränkungen
order-receipt-face-value = Originalpreis
order-receipt-fees = Gebühren
order-receipt-total = Summe
order-receipt-refunded = Erstattet
order-seats = { $seats ->
    [one] 1 Ticket
   *[other] { $seats } Tickets zusammen
}
order-section = Block { $section }
order-row = Reihe { $row }
order-seat = Platz { $seat }
order-each = je { $price }
order-usd = { $amount } (USD)
order-no-fees = keine
order-none = Sie haben noch nichts bestellt.
order-see-sale = Sehen, was läuft
order-no-more = Es gibt keine weiteren Bestellungen.
order-newest = Neueste Bestellungen
order-more = Ältere Bestellungen
order-pages = Seiten
order-state-open = Zu bezahlen in
order-state-expiring = Zeit ist vorbei
order-state-paid = Bezahlt
order-state-awaited = Bezahlt, das Ticket kommt noch
order-state-refunded = Erstattet
order-state-cancelled = Storniert

## Konten

account-heading = Mein Konto
account-since = Dabei seit { $month }
account-sign-out = Abmelden
account-buying = Kaufen
account-bought = { $tickets ->
    [0] Noch nichts gekauft
    [one] 1 Ticket gekauft
   *[other] { $tickets } Tickets gekauft
}
account-open = { $orders ->
    [one] 1 Bestellung ist zu bezahlen
   *[other] { $orders } Bestellungen sind zu bezahlen
}
account-orders = Meine Bestellungen
account-selling = Verkaufen
account-on-sale = { $tickets ->
    [0] Nichts im Angebot
    [one] 1 Ticket im Angebot
   *[other] { $tickets } Tickets im Angebot
}
account-sold = { $tickets ->
    [0] Noch nichts verkauft
    [one] 1 Ticket für { $price } verkauft
   *[other] { $tickets } Tickets für { $price } verkauft
}
account-listings = Meine Angebote
account-sell = Ticket verkaufen
account-sign-in = Anmelden
account-sign-in-lead = Schön, dass Sie wieder da sind.
account-new-here = Neu hier?
account-sign-up = Registrieren
account-sign-up-lead = Ein Konto zum Kaufen und zum Verkaufen.
account-known-here = Haben Sie schon ein Konto?
account-email = E-Mail-Adresse
account-password = Passwort
account-password-hint = 8 bis 128 Zeichen
account-signing-in = Sie werden angemeldet …
account-signing-up = Das Konto wird angelegt …
account-settings = Passwort und Geräte
account-forgot = Passwort vergessen?
account-sign-out-about = Ihre Sitzung auf diesem Gerät endet. Ihre Tickets und Bestellungen bleiben.

## Einstellungen des Kontos, Konto löschen

settings-heading = Einstellungen
settings-back = Mein Konto
settings-address = Ihre E-Mail-Adresse
settings-address-about = Nach der Registrierung haben Sie eine E-Mail mit einem Link bekommen, der Ihre Adresse bestätigt. Nur mit einer bestätigten Adresse können Sie ein neues Passwort wählen, wenn Sie Ihres vergessen haben.
settings-address-proven = Adresse bestätigt
settings-address-send = Link noch einmal schicken
settings-password = Passwort ändern
settings-password-about = Alle anderen Geräte werden abgemeldet.
settings-password-current = Bisheriges Passwort
settings-password-new = Neues Passwort
settings-password-change = Passwort ändern
settings-password-changing = Wird geändert …
settings-devices = Wo Sie angemeldet sind
settings-devices-about = Kennen Sie eines dieser Geräte nicht, melden Sie es ab und ändern Sie Ihr Passwort.
settings-devices-unknown = Die Liste lässt sich gerade nicht anzeigen. Bitte versuchen Sie es in einigen Sekunden noch einmal.
settings-devices-this = Dieses Gerät
settings-devices-since = Angemeldet:
settings-devices-seen = Zuletzt gesehen:
settings-devices-end-this = Abmelden: { $device }
settings-devices-end-others = Überall sonst abmelden
settings-device = { $browser } auf { $system }
settings-device-unknown = Ein unbekannter Browser
settings-delete = Konto löschen
settings-delete-about = Das lässt sich nicht rückgängig machen. Sie lesen zuerst, was es bedeutet.
settings-delete-ask = Mein Konto löschen
delete-heading = Ihr Konto löschen?
delete-about = Das lässt sich nicht rückgängig machen:
delete-about-listings = Was Sie anbieten, wird zurückgezogen.
delete-about-sales = Was Sie verkauft und gekauft haben, bleibt verzeichnet, ohne Ihren Namen und Ihre Adresse.
delete-about-tickets = Gekaufte Tickets können Sie nicht mehr herunterladen. Tun Sie das vorher.
delete-about-sessions = Alle Geräte werden abgemeldet, Ihre Adresse und Ihr Passwort werden gelöscht.
delete-open-orders = Ein Konto lässt sich nicht löschen, solange eine seiner Bestellungen offen ist.
delete-to-order = Bezahlen oder stornieren
delete-button = Mein Konto löschen
delete-deleting = Wird gelöscht …
delete-keep = Behalten

## Die Links in E-Mails: vergessenes Passwort, Bestätigung der Adresse

forgot-heading = Passwort vergessen?
forgot-lead = Wir schicken Ihnen einen Link, mit dem Sie ein neues wählen.
forgot-send = Link schicken
forgot-sending = Wird geschickt …
forgot-back = Zurück zur Anmeldung
forgot-sent-heading = Sehen Sie in Ihre E-Mails
forgot-sent = Gibt es ein Konto mit der Adresse { $email }, ist ein Link dorthin unterwegs.
forgot-sent-about = Der Link gilt einmal und eine Stunde lang. Nichts angekommen? Sehen Sie auch beim Spam nach. Ein Link geht nur an eine Adresse, die nach der Registrierung bestätigt wurde.
reset-heading = Neues Passwort wählen
reset-lead = Alle Geräte werden abgemeldet. Danach melden Sie sich mit dem neuen Passwort an.
reset-save = Passwort speichern
reset-saving = Wird gespeichert …
reset-lost-about = Er gilt einmal und eine Stunde lang. Lassen Sie sich einen neuen schicken.
reset-lost-again = Neuen Link schicken
verify-heading = E-Mail-Adresse bestätigen
verify-about = Ein Druck auf den Knopf, und wir wissen, dass E-Mails Sie erreichen.
verify-button = Adresse bestätigen
verify-verifying = Wird bestätigt …
verify-lost-about = Er gilt einmal. Haben Sie den Knopf schon gedrückt, ist Ihre Adresse bestätigt, und es ist nichts mehr zu tun.
link-lost-heading = Dieser Link funktioniert nicht
mailbox-heading = Postfach
mailbox-about = Diese Website läuft auf einem einzelnen Rechner und verschickt keine E-Mails. Hier steht, was sie verschickt hätte, an alle Adressen.
mailbox-nothing = Noch gibt es keine E-Mail.
mailbox-to = An { $email }

## Was gerade getan wurde

done-signed-out = Sie sind abgemeldet.
done-session-over = Sie sind nicht mehr angemeldet: Sieben Tage sind um, oder dieses Gerät wurde abgemeldet. Bitte melden Sie sich wieder an.
done-listing-saved = Ihre Änderungen sind gespeichert.
done-listing-withdrawn = Das Angebot ist zurückgezogen.
done-password-changed = Ihr Passwort ist geändert. Alle anderen Geräte sind abgemeldet.
done-password-reset = Ihr neues Passwort ist gespeichert. Bitte melden Sie sich damit an.
done-device-signed-out = Das Gerät ist abgemeldet.
done-others-signed-out = Alle anderen Geräte sind abgemeldet.
done-proof-sent = Ein Link ist unterwegs zu Ihnen, wenn Ihre Adresse nicht schon bestätigt ist.
done-address-proven = Ihre Adresse ist bestätigt.
done-account-deleted = Ihr Konto ist gelöscht.

## Die Seite des Betreibers, Bedingungen, Datenschutz

operator-heading = Betreiber
operator-id = Kennung einer Bestellung oder eines Angebots
operator-id-hint = 24 Ziffern und Buchstaben, das Ende der Adresse der Seite
operator-look-up = Nachsehen
operator-nothing = Es gibt weder eine Bestellung noch ein Angebot mit dieser Kennung. Auch zurückgezogene Angebote haben keine.
operator-listing = Angebot
operator-order = Bestellung
operator-number = Kennung
operator-seller = Verkäufer
operator-buyer = Käufer
operator-price = Preis
operator-page = Zur Seite
operator-paid = Bezahlt
operator-unpaid = Noch nicht bezahlt
operator-cancelled = Storniert
operator-refunded = { $amount } erstattet
operator-take-down = Entfernen
operator-taking-down = Wird entfernt …
operator-takedown-heading = Dieses Angebot entfernen?
operator-reason = Grund
operator-reason-hint = Der Verkäufer liest ihn
operator-back = Zurück
operator-refund = Erstatten
operator-refund-heading = Diese Bestellung erstatten?
operator-refund-about = Der Käufer von „{ $title }“ bekommt { $amount } zurück. Die Bestellung bleibt bezahlt, und das Ticket kommt nicht wieder in den Verkauf. Das lässt sich nicht rückgängig machen.
operator-refund-amount = { $amount } erstatten
operator-refunding = Wird erstattet …
operator-reports = Was Besucher gemeldet haben
operator-no-reports = Es ist nichts gemeldet.
operator-reports-count = { $reports ->
    [one] 1 Meldung
   *[other] { $reports } Meldungen
}
operator-dismiss = Damit ist alles in Ordnung
operator-more-reports = Weitere Meldungen

## Was andere lesen: Feed, Bedingungen, Datenschutz

feed-title = Neue Tickets · Ticketing
terms-text =
    # Nutzungsbedingungen

    Dies ist die Vorführung eines Marktplatzes für Tickets, kein Geschäft: Noch hat kein Betreiber hier eigene Bedingungen hinterlegt.

    ## Worauf Sie sich verlassen können

    - Eine Bestellung reserviert ein Ticket bis zu der Zeit, die auf ihrer Seite steht. Danach wird es wieder angeboten.
    - Der Preis auf der Seite ist der Preis, der abgebucht wird. Gebühren gibt es nicht.
    - Eine Karte wird belastet, wenn die Bestellung abgeschlossen ist, und nie zweimal.
    - Wer verkauft, kann ein Angebot zurücknehmen, bis jemand bestellt.

    ## Was von Ihnen erwartet wird

    - Bieten Sie nur Tickets an, die Sie haben und weitergeben dürfen.
    - Sagen Sie darüber die Wahrheit: Plätze, Einschränkungen, was sie zuerst gekostet haben.
    - Melden Sie Angebote, mit denen etwas nicht stimmt. Wer die Website betreibt, kann sie entfernen.

    ## Was dies nicht ist

    Solange auf den Seiten „Testbetrieb“ steht, fließt kein Geld, und kein Ticket gibt ein Recht auf Einlass. Wer diese Website im Ernst betreibt, ersetzt diesen Text durch einen eigenen.
privacy-text =
    # Datenschutz

    Dies ist eine Vorführung. Wer diese Website betreibt, hat hier noch keinen eigenen Text hinterlegt. Es folgt, was die Software tut.

    ## Was gespeichert wird

    - Ihre E-Mail-Adresse, und Ihr Passwort in einer Form, aus der es sich nicht zurückgewinnen lässt.
    - Einen Tag lang, wie oft eine Anmeldung mit Ihrer Adresse gescheitert ist.
    - Ihre Angebote und Bestellungen, und die Datei eines Tickets, die Sie anhängen. Nur wer ein Ticket kauft, kann dessen Datei herunterladen.
    - Was Sie an Angeboten melden.
    - Welche Geräte angemeldet sind: der Name des Browsers, seit wann, und wann er zuletzt benutzt wurde.

    Sie können Ihr Konto auf der Seite seiner Einstellungen löschen. Ihre Adresse und Ihr Passwort werden gelöscht; was gekauft und verkauft wurde, bleibt ohne sie verzeichnet.

    ## Cookies

    Alle sind nötig: „session“ hält Sie sieben Tage angemeldet, „device“ merkt sich ein Jahr lang, dass Sie sich hier schon angemeldet haben, damit falsche Passwörter anderer Sie nicht aussperren, „language“ merkt sich die gewählte Sprache, und einige kurzlebige tragen eine Nachricht von einer Seite zur nächsten. Es gibt keine Nachverfolgung, keine Werbung und keine Skripte anderer Websites, außer dem Kartenformular des Zahlungsdienstes, wo echte Zahlungen eingeschaltet sind.

    ## Wer was sieht

    - Alle sehen Angebote, ohne Ihren Namen oder Ihre Adresse.
    - Der Zahlungsdienst sieht Ihre Karte; diese Website nie.
    - Wer die Website betreibt, sieht Bestellungen, Angebote und Meldungen.

## Was schiefgeht

wrong-not-yours = Nicht Ihres
wrong-not-yours-about = Sie sind als { $email } angemeldet, und dies gehört zu einem anderen Konto.
wrong-not-found = Nicht gefunden
wrong-not-found-about = Diese Seite gibt es nicht. Vielleicht ist die Adresse falsch geschrieben.
wrong-unavailable = { $part ->
    [Auth] Konten sind vorübergehend nicht erreichbar
    [Orders] Bestellungen sind vorübergehend nicht erreichbar
    [Payments] Zahlungen sind vorübergehend nicht möglich
   *[Tickets] Tickets sind vorübergehend nicht erreichbar
}
wrong-unavailable-about = Bitte versuchen Sie es in einigen Sekunden noch einmal.
wrong-unavailable-payments = Bitte versuchen Sie es in einigen Sekunden noch einmal. Keine Bestellung wird je zweimal abgebucht.
wrong-failed = Das ging nicht
wrong-malformed = Das Formular ließ sich nicht lesen. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
wrong-too-large = Das Formular enthält mehr als 64 KiB. Bitte gehen Sie zurück und kürzen Sie es.
wrong-cross-site = Von einer anderen Website aus nicht erlaubt. Bitte benutzen Sie das Formular auf dieser.
wrong-again = Noch einmal versuchen

## Was die Dienste antworten: der englische Satz, klein und mit Bindestrichen, ist die Kennung

message-not-found = Nicht gefunden
message-not-authorized = Nicht erlaubt
message-too-many-attempts-try-again-later = Zu viele Versuche, bitte später noch einmal
message-too-many-attempts-try-again-in-s = Zu viele Versuche, bitte in { $a } s noch einmal
message-too-many-requests-try-again-later = Zu viele Anfragen, bitte später noch einmal
message-not-allowed-from-another-site = Von einer anderen Website aus nicht erlaubt
message-the-request-did-not-arrive-in-time = Die Anfrage kam nicht rechtzeitig an
message-too-many-attempts-try-again-in-min = Zu viele Versuche, bitte in { $a } min noch einmal
message-too-many-requests-try-again-in-s = Zu viele Anfragen, bitte in { $a } s noch einmal
message-too-many-requests-try-again-in-min = Zu viele Anfragen, bitte in { $a } min noch einmal
message-something-went-wrong = Da ist etwas schiefgegangen
message-somebody-else-changed-this-just-now-try-again = Das hat gerade jemand anderes geändert, bitte noch einmal
message-the-service-is-unavailable-try-again-in-a-few-seconds = Der Dienst ist nicht erreichbar, bitte in ein paar Sekunden noch einmal
message-email-must-be-valid = Bitte geben Sie eine gültige E-Mail-Adresse ein
message-email-in-use = Mit dieser E-Mail-Adresse gibt es schon ein Konto
message-password-must-be-between-and-characters = Das Passwort muss { $a } bis { $b } Zeichen lang sein
message-password-is-too-common = Dieses Passwort ist zu verbreitet
message-you-must-supply-a-password = Bitte geben Sie Ihr Passwort ein
message-this-is-not-your-password = Das ist nicht Ihr Passwort
message-pay-or-cancel-your-open-order-first = Bitte bezahlen oder stornieren Sie zuerst Ihre offene Bestellung
message-this-link-is-not-valid-any-more = Dieser Link gilt nicht mehr
message-invalid-credentials = E-Mail-Adresse oder Passwort stimmen nicht
message-title-is-required = Bitte geben Sie einen Titel ein
message-title-must-be-at-most-characters = Der Titel darf höchstens { $a } Zeichen haben
message-price-must-be-greater-than = Der Preis muss größer als 0 sein
message-price-must-have-at-most-two-decimals = Der Preis darf höchstens zwei Nachkommastellen haben
message-price-must-be-at-most = Der Preis darf höchstens 999.999,99 $ sein
message-price-must-be-at-least = Der Preis muss mindestens 0,50 $ sein
message-price-is-above-the-cap = Der Preis liegt über der Obergrenze
message-face-value-must-be-greater-than = Der Originalpreis muss größer als 0 sein
message-face-value-must-have-at-most-two-decimals = Der Originalpreis darf höchstens zwei Nachkommastellen haben
message-face-value-must-be-at-most = Der Originalpreis darf höchstens 999.999,99 $ sein
message-face-value-is-required = Bitte geben Sie den Originalpreis an
message-venue-must-be-at-most-characters = Der Veranstaltungsort darf höchstens { $a } Zeichen haben
message-city-must-be-at-most-characters = Die Stadt darf höchstens { $a } Zeichen haben
message-section-must-be-at-most-characters = Der Block darf höchstens { $a } Zeichen haben
message-row-must-be-at-most-characters = Die Reihe darf höchstens { $a } Zeichen haben
message-seat-must-be-at-most-characters = Der Platz darf höchstens { $a } Zeichen haben
message-restrictions-must-be-at-most-characters = Die Einschränkungen dürfen höchstens { $a } Zeichen haben
message-quantity-must-be-between-and = Es müssen { $a } bis { $b } Tickets sein
message-start-must-be-in-the-future = Der Beginn muss in der Zukunft liegen
message-start-must-be-a-date-and-time-with-an-offset-such-as-12t20 = Das ist kein Datum mit einer Uhrzeit
message-the-event-has-begun = Das Event hat begonnen
message-cannot-edit-a-reserved-ticket = Ein reserviertes Ticket lässt sich nicht ändern
message-cannot-withdraw-a-reserved-ticket = Ein reserviertes Ticket lässt sich nicht zurückziehen
message-your-listings-have-reached-the-limit-of-withdraw-one-first = Sie bieten schon { $a } Tickets an. Bitte ziehen Sie zuerst eines davon zurück.
message-this-ticket-is-already-offered = Dieses Ticket wird schon angeboten
message-file-is-larger-than-mib = Die Datei ist größer als 2 MiB
message-file-must-be-a-pdf-png-or-jpeg = Die Datei muss ein PDF, PNG oder JPEG sein
message-file-is-required = Bitte wählen Sie eine Datei aus
message-reason-is-required = Bitte geben Sie einen Grund an
message-reason-must-be-at-most-characters = Der Grund darf höchstens { $a } Zeichen haben
message-ticket-id-must-be-provided = Die Nummer des Tickets fehlt
message-ticket-is-already-reserved = Das Ticket ist schon reserviert
message-your-unpaid-orders-have-reached-the-limit-of-pay-or-cancel-one-first = Sie haben schon { $a } unbezahlte Bestellungen. Bitte bezahlen oder stornieren Sie zuerst eine davon.
message-too-many-of-your-orders-of-this-ticket-ended-unpaid-try-again-in-min = Sie haben dieses Ticket zu oft bestellt und nicht bezahlt. Bitte versuchen Sie es in { $a } Min. noch einmal.
message-cannot-order-your-own-ticket = Ihr eigenes Ticket können Sie nicht kaufen
message-cannot-cancel-a-completed-order = Eine bezahlte Bestellung lässt sich nicht stornieren
message-the-ticket-has-changed = Das Ticket wurde geändert
message-cannot-pay-for-a-cancelled-order = Eine stornierte Bestellung lässt sich nicht bezahlen
message-the-time-to-pay-is-over = Die Zeit zum Bezahlen ist vorbei
message-order-is-already-paid = Die Bestellung ist schon bezahlt
message-token-is-required = Bitte wählen Sie eine Karte
message-too-many-cards-were-declined-for-this-order = Für diese Bestellung wurden zu viele Karten abgelehnt
message-token-must-be-at-most-characters = Das Token darf höchstens { $a } Zeichen haben
message-your-card-was-declined = Ihre Karte wurde abgelehnt
message-your-card-has-insufficient-funds = Ihre Karte ist nicht gedeckt
message-your-card-has-expired = Ihre Karte ist abgelaufen
message-your-card-s-security-code-is-incorrect = Die Prüfziffer Ihrer Karte stimmt nicht
message-we-are-unable-to-authenticate-your-payment-method-please-choose-a-different-payment-method-and-try-again = Ihre Bank hat die Zahlung nicht bestätigt. Bitte versuchen Sie es mit einer anderen Karte.
message-there-is-no-such-payment = Diese Zahlung gibt es nicht
message-this-payment-is-over-pay-again = Diese Zahlung ist beendet. Bitte bezahlen Sie noch einmal.
message-this-payment-has-changed-meanwhile-try-again = Diese Zahlung hat sich inzwischen geändert. Bitte versuchen Sie es noch einmal.
message-least-price-must-be-greater-than = Der Preis muss eine Zahl über { $a } sein
message-highest-price-must-be-greater-than = Der Preis muss eine Zahl über { $a } sein
message-from-must-be-a-date-such-as-or-a-time-with-an-offset = Bitte ein Datum angeben, zum Beispiel 2027-06-12
message-to-must-be-a-date-such-as-or-a-time-with-an-offset = Bitte ein Datum angeben, zum Beispiel 2027-06-12
message-search-must-be-at-most-characters = Die Suche darf höchstens { $a } Zeichen haben
