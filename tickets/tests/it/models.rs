mod reservations;
