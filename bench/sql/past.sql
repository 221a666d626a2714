-- What the register held of one order in five before its last recording, so that the past beside the places is not empty.

INSERT INTO orders_placepast (order_id, area_id, valid_from, valid_until, kind, live_from, live_until, ended_from, roles,
                              roles_shown, roles_emailed, served_from, on_pnc_from, on_pnc_until, breached_at,
                              review_due_on, recording_id, superseded_id)
SELECT order_id, area_id, valid_from, valid_until, kind, live_from, live_until, ended_from, roles, roles_shown,
       roles_emailed, served_from, on_pnc_from, on_pnc_until, NULL, review_due_on, 1, recording_id
  FROM orders_place
 WHERE order_id BETWEEN %(first)s AND %(last)s AND mod(order_id, 5) = 0 AND recording_id > 1;
