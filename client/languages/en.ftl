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
away-over = over
clock-utc = { $clock } UTC
time-left-seconds = { $seconds } s
time-left-minutes = { $minutes } min { $seconds } s
time-left-hours = { $hours } h { $minutes } min

## The frame of every page

frame-title = { $title } · Ticketing
frame-skip = Skip to the content
frame-navigation = Main
frame-sell = Sell Tickets
frame-sign-up = Sign Up
frame-sign-in = Sign In
frame-sign-out = Sign Out
frame-orders = My Orders
frame-signed-in = Signed in as { $email }

## Finding: landing page, search, an event

## Selling: the form, own listings, the file

## A ticket, and ordering it

## Orders, paying, the receipt

## Accounts

## The operator's page, terms, privacy

## What goes wrong
