/* One held call: who may let it through, and how often (src/operators/approval, docs/formats/approval.md).
 *
 * Two callers, two people of whom both must agree (M = 2), a rule that says its word, the clock, and a
 * gateway that may crash. What the ledger holds (d_...) is apart from the head state, which a restart
 * rebuilds from it. Records first, effect afterwards; the spending of a use is the durable intent.
 *
 * Claims that must hold:  single_use, quorum, denied_is_denied, not_lost.
 * Claims that must fail:  never_..., each of which says that something cannot be reached.
 * Built with one of the BREAK_... macros, one of the first kind must fail: tests/spec/run.sh.
 *
 * Built with TRACE it goes along what a program did, and nothing else: approval_trace.pml. The words
 * IF_NEXT, WAIT_NEXT and OBSERVED stand at what can be seen from outside; else they are nothing.
 */

#ifdef TRACE
#include "approval_trace.pml"
#else
#define IF_NEXT(event, a, b)
#define WAIT_NEXT(event, a, b)
#define OBSERVED
#define IF_EXECUTED(use)
#define WHATS 3
#define CRASHES 1
#endif

#ifndef USES
#define USES 1
#endif
#ifndef SIGNS
#define SIGNS 2         /* how often one person signs at most */
#endif

mtype = { none, pending, approved, denied, expired, done };

/* The ledger. */
mtype d_phase = none;
byte d_sig[2];         /* of each person what counts: 0 nothing, 1 the call as it is, 2 a changed one */
byte d_spent = 0;      /* the highest use that an intent names */
bool d_delivered = false;
byte granted = 0;      /* which of the two */

/* The head state. */
mtype phase = none;
byte spent = 0;
byte epoch = 0;        /* of the process; what a call of an earlier one still wants, does not happen */

/* What is only looked at. */
byte executions = 0;   /* at the server */
bool signed0[WHATS], signed1[WHATS];
bool unsigned_execution = false;
bool execution_after_denial = false;
bool lost_between = false;  /* a crash between an intent and its call */
bool expired_grant = false;

inline take_in() {     /* the head state takes in what is durable; uses that it gave out stay spent */
  phase = d_phase
}

inline count(me, what) {
  if
  :: d_sig[1 - me] != 0 && d_sig[1 - me] != what ->
#ifndef BREAK_COUNT_ANEW
     d_sig[1 - me] = 0     /* another thing than was signed before */
#else
     skip
#endif
  :: else
  fi;
  d_sig[me] = what;
  if
  :: d_sig[1 - me] != 0 -> d_phase = approved; granted = what
  :: else
  fi
}

proctype person(byte me) {
  byte what;
  byte left = SIGNS;
  do
  :: phase == pending && left > 0 ->
     left--;
     if
#ifdef TRACE
     :: next_event == e_signed && next_a == me -> what = next_b
#else
     :: what = 1
     :: what = 2
#endif
     fi;
     atomic {           /* recorded; in the order of the log the first that ends it counts */
       WAIT_NEXT(e_signed, me, what)
       if
       :: me == 0 -> signed0[what] = true
       :: else -> signed1[what] = true
       fi;
       if
       :: d_phase == pending -> count(me, what)
       :: else
       fi
     };
     atomic { take_in(); what = 0 }
  :: phase == pending ->
     atomic {
       WAIT_NEXT(e_denied, me, 0)
       if
       :: d_phase == pending -> d_phase = denied
       :: else
       fi
     };
     take_in()
  :: break
  od
}

proctype rule() {
  do
  :: phase == pending ->
#ifdef BREAK_RULE_COUNTS
     atomic {
       if
       :: d_phase == pending -> count(1, 1)
       :: else
       fi
     };
     take_in();
#endif
     WAIT_NEXT(e_ruled, 0, 0)
     break                  /* recorded, and counts for nothing */
  :: break
  od
}

proctype caller() {
  byte use;
  byte mine;
  do
  :: atomic {
       phase == none && d_phase == none IF_NEXT(e_requested, 0, 0) -> OBSERVED
       d_phase = pending
     };
     take_in()
#ifdef BREAK_LOOK_THEN_SPEND
  :: phase == approved && spent < USES ->
     atomic { mine = epoch; spent++; use = spent };
#else
  :: atomic { phase == approved && spent < USES -> mine = epoch; spent++; use = spent };
#endif
     if
     :: atomic {            /* the intent is durable */
          epoch == mine IF_NEXT(e_intent, use, 0) -> OBSERVED
#ifndef BREAK_SPENT_IN_MEMORY
          if
          :: use > d_spent -> d_spent = use
          :: else
          fi;
          if
          :: d_spent >= USES && d_phase == approved -> d_phase = done
          :: else
          fi
#else
          skip
#endif
        };
        if
        :: atomic {         /* forwarded */
             epoch == mine IF_EXECUTED(use) ->
#ifdef TRACE
             executed[use]--;
#endif
             if
             :: executions < 3 -> executions++
             :: else
             fi;
             unsigned_execution = unsigned_execution || !(signed0[granted] && signed1[granted]);
             execution_after_denial = execution_after_denial || d_phase == denied
           };
#ifdef TRACE
           if
           :: atomic { epoch == mine IF_NEXT(e_answered, use, 0) -> OBSERVED skip }
           :: true          /* no record says that it was answered */
           fi;
#endif
           if
           :: atomic { epoch == mine IF_NEXT(e_delivered, 0, 0) -> OBSERVED d_delivered = true }
#ifdef TRACE
           :: epoch == mine && d_delivered  /* recorded by the other one */
#endif
           :: epoch != mine
           fi
        :: epoch != mine
        fi;
        take_in()
     :: epoch == mine       /* the append was refused: spent, and nothing sent */
     :: epoch != mine
     fi;
     atomic { use = 0; mine = 0 }
  :: atomic {
       (phase == denied || phase == expired) && !d_delivered IF_NEXT(e_delivered, 0, 0) -> OBSERVED
       d_delivered = true   /* its caller is told how it ended */
     }
  :: break                  /* it goes away */
  od
}

proctype clock() {
#ifndef BREAK_NO_CLOCK
  do
  :: atomic {
       (d_phase == pending || d_phase == approved) IF_NEXT(e_expired, 0, 0) -> OBSERVED
       expired_grant = expired_grant || d_phase == approved;
       d_phase = expired
     };
     take_in()
  :: d_phase == denied || d_phase == expired || d_phase == done -> break
  od
#else
  skip
#endif
}

proctype crash() {
  do
  :: atomic {
       epoch < CRASHES IF_NEXT(e_crash, 0, 0) -> OBSERVED
       lost_between = lost_between || (d_spent > executions);
       epoch++;
       phase = d_phase;
       spent = d_spent
     }
  :: break
  od
}

init {
  atomic {
#ifdef TRACE
    c_code { load_trace(); };
#endif
    run person(0); run person(1); run rule(); run caller(); run caller(); run clock(); run crash()
  }
}

#ifdef TRACE
ltl never_ended { [] !(next_event == e_end && none_left) }
#else
ltl single_use { [] (executions <= USES) }
ltl quorum { [] !unsigned_execution }
ltl denied_is_denied { [] !execution_after_denial }
/* An approval that is durable leads to its call, or to its end; a crash does not lose it. */
ltl not_lost { [] ((d_phase == approved) -> <> (d_delivered || d_phase == expired || d_phase == done)) }

ltl never_executed { [] (executions == 0) }
ltl never_all_uses { [] (executions < USES) }
ltl never_changed { [] !(executions > 0 && granted == 2) }
ltl never_denied { [] !(d_phase == denied && d_delivered) }
ltl never_expired { [] !expired_grant }
ltl never_lost_between { [] !lost_between }
#endif
