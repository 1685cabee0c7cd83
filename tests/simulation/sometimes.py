"""Rare things that have to happen in some history, or whatever waits behind them has never been tried.

Rule of the file: every name that `Chronicle.saw` takes stands here, so a report can say what never happened.
Reaching one of them is nobody's fault and proves nothing; never reaching it is a gap.
"""

#: After crashes.
UNTOLD = "a commit that nobody was told of was on disk"
REPEATED = "a repeat got its first answer again"
LATER_LIFE = "a repeat was answered by a later life of the box"
#: Between people.
RACED = "of two changes to one line the later was refused"
CART_MOVED = "an order met another cart than its guest had seen"
SOLD_OUT = "something was sold out"
STORAGE_FAILED = "somebody was told that the disk cannot be written"
TILL_UNKNOWN = "a till's answer got lost and it was asked again"
#: On the line.
BACKLOG = "the cloud was more than a hundred facts behind"
RESENT = "the cloud had less than it had acknowledged, and got it again"
GAP = "a run did not follow the last and was asked for again"
ACKED_AGAIN = "the cloud acknowledged the same facts twice"
SUPERSEDED = "a link was given up for a newer one of the same box"
RIVAL = "a box had to wait until the cloud had given its former life up"
SILENT = "a link was given up because nothing came"
#: Of commands by way of the cloud.
DONE = "a command of the cloud was carried out"
REFUSED = "a command of the cloud was refused"
EXPIRED = "a command of the cloud came too late"
IN_DOUBT = "nobody knows how far a command of the cloud got"
HELD = "a guest's order from far away was held for the staff"
RELEASED = "an order that was held was let through"
OWED_BACK = "money that came too late is owed back"
BOTH_WAYS = "one guest's order came by the cloud and by the Wi-Fi"
#: Of the venue's credit.
LENT = "a venue stood in for a guest in an outage"
PAID_BACK = "what a venue had stood in for came back"
WRITTEN_OFF = "what a guest owed was written off"
#: Of one wallet at two venues.
SET_ASIDE = "money of a wallet was set aside for a venue"
OVERDRAWN = "a wallet had too little to set so much aside"
COLLECTED = "a wallet was asked again for what its guest owed a venue"
SPENT_CUT_OFF = "money moved at a venue while both were cut off"
#: Of cards in an outage, and of money that owners give back.
STORED = "a terminal stored a card in an outage"
OVERRIDDEN = "a manager answered for a card beyond the limits"
OVER_LIMIT = "a card was refused because it went beyond the limits"
SENT = "a card that was stored was sent"
DECLINED = "a card that was stored was declined"
ASKED_BACK = "an owner asked to give a payment back"
GIVEN_BACK = "what an owner asked back was given back"
NOT_GIVEN = "what an owner asked back was not given back"
BACK_BY_ITSELF = "what an owner asked back went to a balance by itself"
#: Of bookings and their deposits.
BOOKED = "a station was booked"
SLOT_TAKEN = "a station was booked already"
IN_THE_WAY = "somebody wanted to play where a booking was in the way"
CHECKED_IN = "the guest of a booking came and played"
MOVED = "a booking was moved to another slot"
MISSED = "the guest of a booking never came"
LAPSED = "a booking lapsed without its deposit"
KEPT = "a deposit stayed with the venue"
RETURNED = "a deposit went back"
OWED = "a deposit came when its booking was over"
REOPENED = "a booking stood again because the card never came"
GIVEN_AWAY = "a slot was sold while its guest's card was under way"
PROMISED = "a deposit was not given back while it paid for play"
#: Of a box that is replaced.
TAKEN_OVER = "a new box took the place of the old one"
PLAYED_ON = "play that had begun at a replaced box went on at the new one"
CUT_SHORT = "a claim or a piece of a snapshot was cut on its way"
ORPHANED = "orders or payments that only a replaced box knew of were counted"
#: Of releases.
OLD_BOX = "a box of the last release was welcome"
OLD_CLOUD = "a cloud of the last release welcomed a box"

ALL = tuple(value for name, value in sorted(globals().items()) if name.isupper())
