# The texts of every page, in English. Another language is a file like this one and a line in client/src/language.rs.
# An id begins with the part of the site that uses it. `cargo test -p client` finds an id that a language lacks or nobody uses.

## Numbers, money and time

decimal-mark = .
thousands-mark = ,
money = ${ $amount }
month-name = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
month-short = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
# 1 is Monday.
weekday-name = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
weekday-short = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
}
date-long = { $weekday }, { $day } { $month } { $year }
date-and-clock = { $date }, { $clock }
away-days = { $days ->
    [0] today
    [1] tomorrow
   *[other] in { $days } days
}
away-weeks = in { $weeks } weeks
away-months = in { $months } months
away-years = in { $years } years
away-over = over
clock-utc = { $clock } UTC
moment = { $date }, { $clock }
time-left-seconds = { $seconds } s
time-left-minutes = { $minutes } min { $seconds } s
time-left-hours = { $hours } h { $minutes } min
time-left-only-minutes = { $minutes } min

## The frame of every page

frame-title = { $title } · Ticketing
frame-skip = Skip to the content
frame-navigation = Main
frame-search = Search
frame-search-label = Search for an event
frame-search-hint = Artist, team or city
frame-sell = Sell tickets
frame-sign-up = Sign up
frame-sign-in = Sign in
frame-sign-out = Sign out
frame-account = Account
frame-account-page = My account
frame-settings = Settings
frame-orders = My orders
frame-selling = My listings
frame-open-orders = { $orders ->
    [one] One order to be paid
   *[other] { $orders } orders to be paid
}
frame-terms = Terms
frame-privacy = Privacy
frame-description = Buy and sell tickets for concerts, theatre and sport from person to person, at the seller's price and without fees.
frame-preview = A ticket with a perforated stub in front of coloured shapes
frame-feed = Feed of new tickets
frame-docs = API
# The language's own name of itself.
language-name = English
frame-signed-in = Signed in as { $email }

## Finding: landing page, search, an event

find-heading = Tickets for what you want to see
find-lead = People who cannot go sell to people who want to. At their price, without fees.
find-title = Tickets: { $filters }
find-description = Concerts, theatre and sport in { $city }: tickets from people who cannot go, without fees.
find-events = Events
find-all-cities = All cities
find-cities = City
find-all-days = Any day
find-days = Day
find-today = Today
find-weekend = This weekend
find-week = This week
find-month = This month
find-next-month = Next month
find-day = { $day } { $month }
find-more = Price and days
find-more-about = narrow it down
find-min = Total price from
find-max = Total price up to
find-from-day = First day
find-to-day = Last day
find-apply = Show
find-active = You look for
find-words = “{ $words }”
find-price = { $min } to { $max }
find-price-from = from { $min }
find-price-to = up to { $max }
find-days-both = { $from } to { $to }
find-days-from = from { $from }
find-days-to = until { $to }
find-drop = { $filter }: remove
find-drop-all = Start again
find-none = Nothing matches all of that
find-none-of-one = Nothing found for { $filter }
find-loosen = There is something when you leave one thing out:
find-without = without { $filter }
find-all-events = All events
find-instead = On soon
find-nothing = Nothing is on sale at the moment
find-nothing-about = You have a ticket and cannot go? Yours would be the first.
find-no-more = There are no more events.
find-first = First events
find-next = More events
find-pages = Pages
find-no-date = No date
find-when = { $clock } · { $away }
find-tickets = { $tickets ->
    [0] Sold out
    [one] 1 offer
   *[other] { $tickets } offers
}
find-from = from { $price }

event-tickets = Tickets
event-sell = Sell a ticket for this
event-sort = Order
event-sort-seat = Cheapest seat
event-sort-total = Cheapest in total
event-sort-dearest = Dearest
event-sort-newest = Newest
event-cheapest = Cheapest
event-each = each
event-total = { $price } in total
event-section = Section { $section }
event-row = Row { $row }
event-seat = Seat { $seat }
event-any-seat = No seat named
event-seats = { $seats ->
    [one] 1 ticket
   *[other] { $seats } tickets together
}
event-at-once = Download right after paying
event-gone = Just gone
event-changed = The list of tickets has changed.
event-about = The price is all you pay. Sellers are private people.
event-first = First tickets
event-next = More tickets
event-description = { $about }. Tickets from { $price }, without fees.
event-none-heading = No tickets for this event
event-none = All of them are sold or reserved, or the address is misspelt. A reserved ticket comes back when it is not paid.

## Selling: the form, own listings, the file

sell-heading = Sell your ticket
sell-lead = Title and price are all it takes. The more you say, the sooner it sells.
sell-edit-heading = Change your listing
sell-edit-lead = You can change everything until somebody orders it.
sell-title = Title
sell-title-hint = What people search for: the artist, the teams, the play
sell-suggestions = Events that are there already
sell-suggestions-found = Events found: %n. Choose one with the arrow keys, or go on typing.
sell-quantity = Tickets
sell-quantity-option = { $seats ->
    [one] 1 ticket
   *[other] { $seats } tickets together
}
sell-price = Price
sell-price-hint = In US dollars, for all of them together
sell-where-and-when = Place and time
sell-where-and-when-about = so that buyers find it
sell-venue = Venue
sell-city = City
sell-date = Date
sell-time = Starts at
sell-zone = Time zone of the venue
sell-zone-hint = Buyers see the time of the venue
sell-zone-usual = America/New_York
sell-zone-name = { $zone ->
    [Honolulu] Honolulu
    [Anchorage] Anchorage
    [Los_Angeles] Los Angeles, Vancouver
    [Denver] Denver, Calgary
    [Phoenix] Phoenix
    [Chicago] Chicago, Dallas, Winnipeg
    [Mexico_City] Mexico City
    [New_York] New York, Toronto, Miami
    [Bogota] Bogotá, Lima
    [Halifax] Halifax, Bermuda
    [Sao_Paulo] São Paulo, Buenos Aires
    [London] London, Dublin, Lisbon
    [Lagos] Lagos, Algiers
    [Berlin] Berlin, Paris, Rome, Madrid
    [Johannesburg] Johannesburg, Cape Town
    [Athens] Athens, Helsinki, Kyiv
    [Cairo] Cairo
    [Istanbul] Istanbul, Riyadh
    [Nairobi] Nairobi
    [Dubai] Dubai
    [Karachi] Karachi
    [Kolkata] Mumbai, Delhi
    [Dhaka] Dhaka
    [Bangkok] Bangkok, Jakarta
    [Singapore] Singapore, Hong Kong, Perth
    [Tokyo] Tokyo, Seoul
    [Brisbane] Brisbane
    [Sydney] Sydney, Melbourne
    [Auckland] Auckland
   *[UTC] UTC
}
sell-date-missing = Please say on which day, too
sell-time-missing = Please say at what time, too
sell-seats = Seats
sell-seats-about = section, row and seat
sell-section = Section
sell-row = Row
sell-seat = Seat
sell-more = Face value and restrictions
sell-more-about = what it cost, who may come in
sell-face-value = Face value of one ticket
sell-face-value-hint = What one ticket cost first, in US dollars. Buyers see how your price compares.
sell-restrictions = Restrictions
sell-restrictions-hint = For example: 18 and over, limited view, student card needed
sell-file = The ticket itself
sell-file-about = PDF or picture, for the buyer alone
sell-file-label = File of the ticket
sell-file-hint = PDF, PNG or JPEG, at most 2 MiB. The buyer gets it at once after paying; nobody else ever does.
sell-file-too-large = This file is larger than 2 MiB. A screenshot of the ticket will do.
sell-file-again = A page cannot keep a file: please choose it again.
sell-submit = Put it on sale
sell-submitting = Putting it on sale …
sell-save = Save
sell-saving = Saving …
sell-preview = Preview
sell-preview-heading = What buyers will see
sell-event = Is the event here already?
sell-event-about = choose it, and its place and time are filled in
sell-event-query = Artist, team, venue or city
sell-event-search = Look for the event
sell-file-not-copied = The file of the old listing is not copied: please attach it again below.
sell-event-none = No such event yet. Yours will be the first ticket.
sell-file-heading = The file of your ticket
sell-file-listed = Your ticket is on sale. Only the file is missing.
sell-file-failed = The file did not get through. Please choose it again.
sell-file-none = No file yet. You can sell without one and add it later.
sell-file-awaited = Your buyer waits for this file. It is delivered as soon as you attach it.
sell-file-attached = The file is attached. The buyer gets it after paying.
sell-file-download = Download it
sell-file-fixed = It belongs to the order now and cannot be replaced.
sell-file-other = Another file
sell-file-replace = Replace the file
sell-file-attach = Attach the file
sell-file-attaching = Attaching …
sell-file-there = The file
sell-file-missing = Attach the file of the ticket
sell-back = Back to my listings
sell-withdraw-heading = Withdraw this listing?
sell-withdraw-about = Nobody can buy it afterwards. You can offer it again at any time.
sell-withdraw = Withdraw
sell-keep = Keep it on sale
sell-own-heading = My listings
sell-own-new = Sell a ticket
sell-own-nothing = You have not offered anything yet. It takes a minute.
sell-own-on-sale = On sale
sell-own-sold = Sold
sell-own-earned = Sold for
sell-own-awaited = { $tickets ->
    [one] A buyer waits for a ticket: please attach its file.
   *[other] Buyers wait for { $tickets } tickets: please attach their files.
}
sell-own-no-more = There are no more listings.
sell-own-first = Newest listings
sell-own-next = Older listings
sell-own-pages = Pages
sell-state-on-sale = On sale
sell-state-held = Reserved, not paid yet
sell-state-held-until = Reserved until
sell-state-sold = Sold for { $price }
sell-state-withdrawn = Withdrawn
sell-state-taken-down = Taken down
sell-state-over = Over, not sold
sell-taken-down = The operator took it down: { $reason }
sell-edit = Edit
sell-add-file = Attach the file
sell-again = Offer it again

## A ticket, and ordering it

ticket-local-time = local time, { $away }
ticket-tickets = Tickets
ticket-together = { $seats } together
ticket-section = Section
ticket-row = Row
ticket-seat = Seat
ticket-restrictions = Restrictions
ticket-no-price = No price yet
ticket-no-title = No title yet
ticket-each = for { $seats } tickets, { $price } each
ticket-for = for { $seats }
ticket-face-value = Face value { $price }
ticket-at-face-value = At face value
ticket-below-face-value = { $percent }% below
ticket-above-face-value = { $percent }% above
ticket-delivered-at-once = Download right after paying. The ticket is here already.
ticket-delivered-later = The seller sends the ticket through this site after the sale.
ticket-buy = Buy
ticket-buying = Reserving …
ticket-buy-about = It is reserved for you while you pay. No fees.
ticket-sign-in = Sign in to buy
ticket-new-here = New here?
ticket-sign-up = Sign up
ticket-own = This is your ticket. It is on sale.
ticket-own-begun = This is your ticket. Its event has begun, so it is not on sale any more.
ticket-own-taken = This is your ticket. It is reserved or sold, so it cannot be changed.
ticket-edit = Edit
ticket-withdraw = Withdraw
ticket-file = The file
ticket-add-file = Attach the file
ticket-selling = My listings
ticket-bought = You have bought this ticket.
ticket-reserved = You have reserved this ticket.
ticket-order = Your order
ticket-pay = Pay for it
ticket-taken = Somebody else has reserved or bought this ticket.
ticket-begun = The event has begun, so the ticket is not on sale any more.
ticket-others = All tickets for this event
ticket-all = All events
ticket-similar = Similar tickets
ticket-description = { $about }. { $price }, without fees.
ticket-gone-heading = This ticket is not here any more
ticket-gone = It was sold or withdrawn, or the address is misspelt.
ticket-lost-heading = Somebody was faster
ticket-lost = { $title } has just been reserved by somebody else. Nothing was charged.
ticket-lost-again = Look again: it comes back when that order is not paid
ticket-price-changed = The seller has changed the price from { $before } to { $now }. Nothing is ordered yet: press the button if that suits you.
ticket-changed = The seller has changed this listing. Nothing is ordered yet: press the button if it still suits you.
ticket-report = Report this listing
ticket-report-heading = Report a listing
ticket-report-reason = What is wrong with it?
ticket-report-hint = For example: it is offered elsewhere too, it is a forgery, the price is not what it says
ticket-report-send = Send the report
ticket-reporting = Sending …
ticket-reported-heading = Thank you
ticket-reported = We will look at “{ $title }”.

## Orders, paying, the receipt

order-title = Order: { $title }
order-number = Order { $number }
order-ticket = Your ticket
order-listing = See the listing
order-all = My orders
order-steps = How far your order is
order-step-reserved = Reservation
order-step-paid = Payment
order-step-ticket = Ticket
order-step-done = Done:
order-payable-heading = Reserved for you
order-time-left = Time left to pay:
order-until = until
order-late = Less than two minutes left to pay. Afterwards the ticket goes back on sale.
order-pay = Pay { $amount }
order-paying = Paying …
order-cancel = Cancel this order
order-cancel-hint = The ticket goes back on sale. You pay nothing.
order-test-mode = Test mode: no money moves
order-test-card = Test card
order-card-visa = Visa, succeeds
order-card-mastercard = Mastercard, succeeds
order-card-amex = American Express, succeeds
order-card-confirmed = Visa, wants your confirmation, then succeeds
order-card-confirmed-declined = Visa, wants your confirmation, then is declined
order-card-declined = Visa, is declined
order-card-insufficient = Visa, has insufficient funds
order-card-expired = Visa, has expired
order-stripe-unreachable = Stripe cannot be reached. Please try again later.
order-stripe-needs-script = Card numbers go to Stripe alone, which takes JavaScript. Please switch it on to pay.
order-confirm-title = Confirm your payment
order-confirm-heading = Your bank wants you to confirm this payment
order-test-bank = Test mode: no money moves, and this page takes the place of the bank's
order-confirm = Confirm { $amount }
order-confirming = Confirming …
order-refuse = Refuse
order-back = Back to the order
order-bank-waiting = Waiting for your bank …
order-bank-needs-script = The bank's confirmation takes JavaScript. Please switch it on, or go back and use another card.
order-completing-heading = Your payment was taken
order-completing = The order is being completed. As a rule that takes less than a second.
order-expiring-heading = The time to pay is over
order-expiring = The ticket goes back on sale. You pay nothing.
order-updates-itself = This page changes by itself when there is news. You can also come back later.
order-paid-heading = Paid. The ticket is yours.
order-file-there = Download it, and have it on your phone or on paper at the entrance.
order-download = Download the ticket
order-file-later = The seller adds the ticket here, and this page shows it as soon as it is there. If it does not come before the event, write to whoever runs this site: they can refund the order.
order-calendar = Add to the calendar
order-print = Print the receipt
order-resell-question = You cannot go?
order-resell = Sell this ticket on
order-refunded-heading = Refunded
order-refunded = You got { $amount } back, so the ticket is no longer yours.
order-cancelled-heading = You cancelled this order
order-cancelled = The ticket went back on sale. You are not charged for it.
order-expired-heading = The time to pay ran out
order-expired = The ticket went back on sale. You are not charged for it.
order-failed-heading = The payment did not go through
order-failed = Your bank took its promise back after the payment was accepted, so this order was cancelled. You are not charged for it.
order-over-heading = This order is over
order-over = It was cancelled, or not paid in time. You are not charged for it.
order-over-refunded = You got { $amount } back.
order-again = Order it again
order-receipt = Receipt
order-receipt-test = Test mode: no money moved. Amounts are in US dollars.
order-receipt-currency = Amounts are in US dollars. The price is all that was charged.
order-receipt-number = Order number
order-receipt-date = Ordered
order-receipt-buyer = Bought by
order-receipt-seller = Sold by
order-seller-number = A private seller, number { $number }
order-receipt-event = Event
order-receipt-when = When
order-receipt-where = Where
order-receipt-seats = Tickets
order-receipt-restrictions = Restrictions
order-receipt-face-value = Face value
order-receipt-fees = Fees
order-receipt-total = Total
order-receipt-refunded = Refunded
order-seats = { $seats ->
    [one] 1 ticket
   *[other] { $seats } tickets together
}
order-section = section { $section }
order-row = row { $row }
order-seat = seat { $seat }
order-each = { $price } each
order-usd = { $amount } USD
order-no-fees = none
order-none = You have not ordered anything yet.
order-see-sale = See what is on
order-no-more = There are no more orders.
order-newest = Newest orders
order-more = Older orders
order-pages = Pages
order-state-open = To be paid within
order-state-expiring = Time is over
order-state-paid = Paid
order-state-awaited = Paid, the seller adds the ticket
order-state-refunded = Refunded
order-state-cancelled = Cancelled

## Accounts

account-heading = My account
account-since = Here since { $month }
account-sign-out = Sign out
account-buying = Buying
account-bought = { $tickets ->
    [0] Nothing bought yet
    [one] 1 ticket bought
   *[other] { $tickets } tickets bought
}
account-open = { $orders ->
    [one] 1 order is to be paid
   *[other] { $orders } orders are to be paid
}
account-orders = My orders
account-selling = Selling
account-on-sale = { $tickets ->
    [0] Nothing on sale
    [one] 1 ticket on sale
   *[other] { $tickets } tickets on sale
}
account-sold = { $tickets ->
    [0] Nothing sold yet
    [one] 1 ticket sold for { $price }
   *[other] { $tickets } tickets sold for { $price }
}
account-listings = My listings
account-sell = Sell a ticket
account-sign-in = Sign in
account-sign-in-lead = Good to see you again.
account-new-here = New here?
account-sign-up = Sign up
account-sign-up-lead = One account to buy and to sell.
account-known-here = Already have an account?
account-email = E-mail address
account-password = Password
account-password-hint = 8 to 128 characters
account-signing-in = Signing in …
account-signing-up = Signing up …
account-settings = Password and devices
account-forgot = Forgotten your password?
account-sign-out-about = Your session on this device ends. Your tickets and orders stay.

## Account settings, deleting the account

settings-heading = Settings
settings-back = My account
settings-address = Your e-mail address
settings-address-about = After signing up you got a mail with a link that confirms your address. Only a confirmed address lets you choose a new password when you have forgotten yours.
settings-address-proven = Confirmed address
settings-address-send = Send the link again
settings-password = Change the password
settings-password-about = All other devices are signed out.
settings-password-current = Current password
settings-password-new = New password
settings-password-change = Change the password
settings-password-changing = Changing …
settings-devices = Where you are signed in
settings-devices-about = If you do not know one of these devices, sign it out and change your password.
settings-devices-unknown = The list cannot be shown at the moment. Please try again in a few seconds.
settings-devices-this = This device
settings-devices-since = Signed in:
settings-devices-seen = Last seen:
settings-devices-end-this = Sign out: { $device }
settings-devices-end-others = Sign out everywhere else
settings-device = { $browser } on { $system }
settings-device-unknown = An unknown browser
settings-delete = Delete the account
settings-delete-about = This cannot be undone. You read first what it means.
settings-delete-ask = Delete my account
delete-heading = Delete your account?
delete-about = This cannot be undone:
delete-about-listings = What you have on sale is withdrawn.
delete-about-sales = What you have sold and bought stays recorded, without your name or address.
delete-about-tickets = You cannot download the tickets that you have bought any more. Do that first.
delete-about-sessions = Every device is signed out, and your address and password are removed.
delete-open-orders = An account cannot be deleted while one of its orders is open.
delete-to-order = Pay for it or cancel it
delete-button = Delete my account
delete-deleting = Deleting …
delete-keep = Keep it

## The links of mails: a forgotten password, proof of the address

forgot-heading = Forgotten your password?
forgot-lead = We send you a link with which you choose a new one.
forgot-send = Send the link
forgot-sending = Sending …
forgot-back = Back to signing in
forgot-sent-heading = Look at your mail
forgot-sent = If there is an account with the address { $email }, a link is on its way to it.
forgot-sent-about = The link works once, for one hour. Nothing came? Look among the unwanted mail, too. A link is only sent to an address that was confirmed after signing up.
reset-heading = Choose a new password
reset-lead = All devices are signed out. Afterwards you sign in with the new password.
reset-save = Save the password
reset-saving = Saving …
reset-lost-about = It works once, and for one hour. Have a new one sent to you.
reset-lost-again = Send a new link
verify-heading = Confirm your e-mail address
verify-about = One press of the button, and we know that mail reaches you.
verify-button = Confirm the address
verify-verifying = Confirming …
verify-lost-about = It works once. If you have pressed the button before, your address is confirmed and nothing is left to do.
link-lost-heading = This link does not work
mailbox-heading = Mailbox
mailbox-about = This site runs on one machine and sends no mail. Here is what it would have sent, to everybody's address.
mailbox-nothing = There is no mail yet.
mailbox-to = To { $email }

## What was just done

done-signed-out = You are signed out.
done-session-over = You are not signed in any more: seven days are over, or this device was signed out. Please sign in again.
done-listing-saved = Your changes are saved.
done-listing-withdrawn = The listing is withdrawn.
done-password-changed = Your password is changed. All other devices are signed out.
done-password-reset = Your new password is saved. Please sign in with it.
done-device-signed-out = The device is signed out.
done-others-signed-out = All other devices are signed out.
done-proof-sent = A link is on its way to you, unless your address is confirmed already.
done-address-proven = Your address is confirmed.
done-account-deleted = Your account is deleted.

## The operator's page, terms, privacy

operator-heading = Operator
operator-id = Id of an order or a listing
operator-id-hint = 24 digits and letters, the end of the address of its page
operator-look-up = Look it up
operator-nothing = There is no order and no listing with this id. A withdrawn listing has none either.
operator-listing = Listing
operator-order = Order
operator-number = Id
operator-seller = Seller
operator-buyer = Buyer
operator-price = Price
operator-page = Its page
operator-paid = Paid
operator-unpaid = Not paid yet
operator-cancelled = Cancelled
operator-refunded = { $amount } refunded
operator-take-down = Take it down
operator-taking-down = Taking it down …
operator-takedown-heading = Take this listing down?
operator-reason = Reason
operator-reason-hint = The seller reads it
operator-back = Back
operator-refund = Refund
operator-refund-heading = Refund this order?
operator-refund-about = The buyer of “{ $title }” gets { $amount } back. The order stays complete, and the ticket does not go back on sale. This cannot be undone.
operator-refund-amount = Refund { $amount }
operator-refunding = Refunding …
operator-reports = What visitors reported
operator-no-reports = Nothing is reported.
operator-reports-count = { $reports ->
    [one] 1 report
   *[other] { $reports } reports
}
operator-dismiss = Nothing is wrong with it
operator-more-reports = More reports

## What others read: feed, terms, privacy

feed-title = New tickets · Ticketing
terms-text =
    # Terms

    This is a demonstration of a ticket marketplace. It is not a business: no operator has put terms of their own here yet.

    ## What you can rely on

    - An order reserves a ticket for the buyer until the time that its page shows. Then it goes back on sale.
    - The price on the page is the price that is charged. There are no fees.
    - A card is charged when the order is complete, and never twice.
    - A seller may withdraw a listing until somebody orders it.

    ## What is expected of you

    - Offer only tickets that you hold and may pass on.
    - Say what is true of them: seats, restrictions, what they cost first.
    - Report listings that look wrong. Whoever operates the site can take them down.

    ## What this is not

    As long as pages say “test mode”, no money moves and no ticket gives a right to enter anywhere. Whoever runs this site for real replaces this text by their own.
privacy-text =
    # Privacy

    This is a demonstration. Whoever runs this site has not put a text of their own here yet. What follows is what the software does.

    ## What is stored

    - Your e-mail address, and your password in a form from which it cannot be read back.
    - For a day, how often a sign-in with your address has failed.
    - The listings and the orders that you make, and the file of a ticket that you attach. Only the buyer of a ticket can download its file.
    - Reports that you make of listings.
    - Which devices are signed in: the name of the browser, since when, and when it was last used.

    You can delete your account on the page of its settings. Your address and password are removed; what was bought and sold stays recorded without them.

    ## Cookies

    All are needed: “session” keeps you signed in for seven days, “device” remembers for a year that you have signed in here, so that somebody else's wrong passwords do not keep you out, “language” remembers the language that you chose, and a few short-lived ones carry a message from one page to the next. There is no tracking, no advertising and no script of other sites, except the card form of the payment provider where real payments are switched on.

    ## Who sees what

    - Everybody sees listings, without your name or address.
    - The payment provider sees your card; this site never does.
    - Whoever operates the site sees orders, listings and reports.

## What goes wrong

wrong-not-yours = Not yours
wrong-not-yours-about = You are signed in as { $email }, and this belongs to another account.
wrong-not-found = Not found
wrong-not-found-about = There is no such page. Perhaps the address is misspelt.
wrong-unavailable = { $part ->
    [Auth] Accounts are temporarily unavailable
    [Orders] Orders are temporarily unavailable
    [Payments] Payments are temporarily unavailable
   *[Tickets] Tickets are temporarily unavailable
}
wrong-unavailable-about = Please try again in a few seconds.
wrong-unavailable-payments = Please try again in a few seconds. You are never charged twice for an order.
wrong-failed = That did not work
wrong-malformed = The form could not be read. Please go back and try again.
wrong-too-large = The form holds more than 64 KiB. Please go back and shorten it.
wrong-cross-site = Not allowed from another site. Please use the form on this one.
wrong-again = Try again
