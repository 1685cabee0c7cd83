-- What was paid before there were postings of it.
SELECT post_payment(p) FROM payments p WHERE p.status IN ('COMPLETED', 'REFUNDED');
SELECT post_refund(r) FROM refunds r;
SELECT post_card_payment(c) FROM card_payments c WHERE c.status IN ('COMPLETED', 'REFUNDED');
