/* What a program did, read from a file when the search begins; approval.pml goes along it.
 *
 * The file that the environment variable PAWL_TRACE names has these lines:
 *
 *   uses WHAT N          what was signed under this number grants N uses
 *   executed USE N       the server began N calls that name this use; 0: that name none
 *   event NUMBER A B     in the order of the log; the numbers are those below
 *
 * An event happens only as the next one of the file, and only where it counts: a decision on what
 * has ended already, which the model takes without effect, is not gone along with. What cannot be
 * seen from outside stays free. The claim never_ended fails if the model can go along to the end.
 * For each event it says "at N", N counted from 1, the first time that it gets beyond it.
 */

#define e_requested 1
#define e_signed 2      /* person, what */
#define e_denied 3      /* person */
#define e_ruled 4
#define e_expired 5
#define e_intent 6      /* use */
#define e_answered 7    /* use; its record says that the server answered */
#define e_delivered 8
#define e_crash 9       /* the next process has begun */
#define e_end 255

#define WHATS 8
#define CRASHES 200
#undef SIGNS
#define SIGNS 200
#undef USES
#define USES uses_of[granted]
#define MOST_USES 4

byte next_event, next_a, next_b;
short at_event;
byte uses_of[WHATS];
byte executed[MOST_USES];

#define none_left (executed[0] + executed[1] + executed[2] + executed[3] == 0)
#define IF_NEXT(event, a, b) && next_event == event && next_a == a && next_b == b
#define OBSERVED c_code { go_on(); };
#define WAIT_NEXT(event, a, b) \
  atomic { \
    (d_phase == pending) IF_NEXT(event, a, b) -> OBSERVED \
  };
#define IF_EXECUTED(use) && executed[use] > 0

c_code {
  static unsigned char trace_events[4096][3];
  static int trace_length = 0;
  static int trace_best = 0;

  static void show_next(void) {
    const int more = now.at_event < trace_length;
    now.next_event = more ? trace_events[now.at_event][0] : 255;
    now.next_a = more ? trace_events[now.at_event][1] : 0;
    now.next_b = more ? trace_events[now.at_event][2] : 0;
  }

  static void go_on(void) {
    now.at_event++;
    show_next();
    if (now.at_event > trace_best) {
      trace_best = now.at_event;
      printf("at %d\n", trace_best);
    }
  }

  static void load_trace(void) {
    char word[16];
    int a, b, c;
    FILE* file = fopen(getenv("PAWL_TRACE") ? getenv("PAWL_TRACE") : "", "r");
    while (file && fscanf(file, "%15s %d %d", word, &a, &b) == 3) {
      if (strcmp(word, "uses") == 0 && a >= 0 && a < 8) {
        now.uses_of[a] = b;
      } else if (strcmp(word, "executed") == 0 && a >= 0 && a < 4) {
        now.executed[a] = b;
      } else if (strcmp(word, "event") == 0 && trace_length < 4096 && fscanf(file, "%d", &c) == 1) {
        trace_events[trace_length][0] = a;
        trace_events[trace_length][1] = b;
        trace_events[trace_length][2] = c;
        trace_length++;
      } else {
        break;
      }
    }
    if (!file || !feof(file)) {
      printf("the trace cannot be read\n");
      exit(1);
    }
    fclose(file);
    show_next();
  }
};
