#include "app/commands/ledger_monitor.h"

#include <memory>
#include <ostream>

#include "app/commands/log_reader.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/trust_store.h"
#include "app/commands/verify_chain.h"
#include "app/commands/witnesses.h"
#include "base/encoding.h"
#include "base/log.h"
#include "foundation/ledger/followed_log.h"
#include "foundation/ledger/renewal.h"
#include "infrastructure/http/url.h"

namespace pawl {
namespace {

using ledger::Look;
using ledger::Verdict;

constexpr std::string_view kEntries =
    "entries are not read: this tells whether its heads are one history, not what they record";

struct Asked {
  std::string url, trust, policy, state;
  int every_s = 60, timeout_s = 10;
  bool once = false;
};

struct Seen {
  Look look;
  std::optional<ledger::WitnessCheck> witnesses;
  Verdict verdict = Verdict::kUnknown;
  std::string why;
};

int exit_code_of(Verdict verdict) {
  return verdict == Verdict::kGood ? kExitGood : verdict == Verdict::kBad ? kExitBad : kExitUnclear;
}

// Where heads are kept unless --state says so: a folder for each instance.
Result<std::string> default_state(Context& context, const std::string& origin) {
  std::string folder = context.environment("XDG_STATE_HOME").value_or("");
  const std::string home = context.environment("HOME").value_or("");
  if (folder.empty() && home.empty()) {
    return fail(Code::kNotFound,
                "no folder to keep heads in: neither XDG_STATE_HOME nor HOME is set; expected "
                "--state DIR");
  }
  folder = folder.empty() ? home + "/.local/state" : folder;
  return folder + "/pawl/monitor/" + file_name_of(ledger::log_name(origin).first_origin);
}

class Monitor {
 public:
  Monitor(Context& context, const Asked& asked, ledger::Trust trust, ledger::FollowedLog followed,
          std::optional<ledger::WitnessPolicy> policy)
      : context_(context),
        every_(asked.every_s),
        once_(asked.once),
        trust_(std::move(trust)),
        followed_(std::move(followed)),
        policy_(std::move(policy)),
        reader_(loop_, context.clock, asked.url, std::chrono::seconds(asked.timeout_s)) {}

  int run() {
    loop_.on_termination([this](int) {
      is_ending_ = true;
      loop_.stop();
    });
    while (true) {
      const Seen seen = look();
      if (is_ending_) {
        return last_ ? exit_code_of(last_->verdict) : kExitUnclear;
      }
      tell(seen);
      if (once_ || seen.verdict == Verdict::kBad) {
        return exit_code_of(seen.verdict);
      }
      last_ = seen;
      const Timer next = loop_.after(every_, [this] { loop_.stop(); });
      loop_.run();
      if (is_ending_) {
        return exit_code_of(seen.verdict);
      }
    }
  }

 private:
  Seen look();
  void tell(const Seen& seen);
  void tell_people(const Seen& seen);
  json::Object to_json(const Seen& seen) const;

  Context& context_;
  const std::chrono::seconds every_;
  const bool once_;
  const ledger::Trust trust_;
  ledger::FollowedLog followed_;
  const std::optional<ledger::WitnessPolicy> policy_;
  EventLoop loop_;
  LogReader reader_;
  std::optional<Seen> last_;
  bool is_ending_ = false;
};

Seen Monitor::look() {
  reader_.begin_look();
  Seen seen;
  seen.look = followed_.look([this](const std::string& path) { return reader_.get(path); });
  seen.verdict = ledger::verdict_of(seen.look.found);
  seen.why = seen.look.why;
  if (!policy_ || seen.verdict != Verdict::kGood) {
    return seen;
  }
  ledger::Report report;
  report.checkpoint = seen.look.note;
  report.size = seen.look.head.size;
  const ledger::Trust trust = trust_for(trust_, seen.look.head.origin);
  seen.witnesses = ledger::check_witnesses(report, &trust, *policy_);
  // A false line is no proof against the log: whoever stands between can have put it there.
  if (seen.witnesses->verdict != Verdict::kGood) {
    seen.verdict = Verdict::kUnknown;
    seen.why = seen.witnesses->reason;
  }
  return seen;
}

// What is as it was is not told again.
void Monitor::tell(const Seen& seen) {
  const bool is_news = !last_ || last_->verdict != seen.verdict || last_->why != seen.why ||
                       last_->look.head.size != seen.look.head.size;
  if (!is_news) {
    return;
  }
  if (seen.look.found == Look::Found::kForked) {
    log(LogLevel::kError, "equivocation",
        {{"log", seen.look.head.origin},
         {"found_by", "pawl ledger monitor"},
         {"why", seen.why},
         {"evidence", seen.look.evidence}});
  }
  if (context_.io.json) {
    context_.io.out << json::print(to_json(seen)) << std::endl;
  } else {
    tell_people(seen);
  }
}

void Monitor::tell_people(const Seen& seen) {
  std::ostream& out = context_.io.out;
  const Look& look = seen.look;
  const std::string size = "size " + std::to_string(look.head.size);
  if (!last_) {
    out << labelled("follows", shown_text(origin_of_vkey(trust_.log_vkey)))
        << labelled("note", std::string(kEntries));
  }
  out << format_rfc3339(context_.clock.wall()) << "  ";
  switch (seen.verdict) {
    case Verdict::kGood:
      out << (look.found == Look::Found::kGrew ? size + " goes on from what was seen"
                                               : size + ", as it was seen")
          << (seen.witnesses ? ", " + witnesses_text(*seen.witnesses) : "") << std::endl;
      break;
    case Verdict::kBad:
      out << "PROVEN BAD: " << shown_text(seen.why) << "\n";
      if (!look.evidence.empty()) {
        out << labelled("evidence", shown_text(look.evidence))
            << "anybody with the log's key can check it: pawl verify " << shown_text(look.evidence)
            << " --trust FILE\n";
      }
      out << std::flush;
      break;
    case Verdict::kUnknown:
      out << "CANNOT DECIDE: " << shown_text(seen.why) << std::endl;
      break;
  }
}

json::Object Monitor::to_json(const Seen& seen) const {
  const Look& look = seen.look;
  json::Object out{{"time", format_rfc3339(context_.clock.wall())},
                   {"verdict", seen.verdict == Verdict::kGood  ? "good"
                               : seen.verdict == Verdict::kBad ? "bad"
                                                               : "undecided"},
                   {"found", ledger::found_name(look.found)},
                   {"why", seen.why},
                   {"evidence", look.evidence},
                   {"entries_read", false}};
  if (!look.head.origin.empty()) {
    out["origin"] = look.head.origin;
    out["size"] = look.head.size;
    out["root"] = base64_encode(view(look.head.root));
  }
  if (seen.witnesses) {
    out["witnesses"] = witnesses_json(*seen.witnesses);
  }
  return out;
}

int monitor(Context& context, const Asked& asked) {
  if (const Result<http::Url> url = http::parse_url(asked.url); !url) {
    return report(context, {Code::kInvalidParams,
                            "expected the URL of a log, which ends before "
                            "/checkpoint: " +
                                url.error().message});
  }
  Result<ledger::Trust> trust = read_trust(context.files, asked.trust);
  if (!trust) {
    return report(context, trust.error());
  }
  std::optional<ledger::WitnessPolicy> policy;
  if (!asked.policy.empty()) {
    Result<ledger::WitnessPolicy> read = read_policy(context.files, asked.policy);
    if (!read) {
      return report(context, read.error());
    }
    policy = *std::move(read);
  }
  const Result<std::string> state = asked.state.empty()
                                        ? default_state(context, origin_of_vkey(trust->log_vkey))
                                        : Result<std::string>(asked.state);
  if (!state) {
    return report(context, state.error());
  }
  Result<ledger::FollowedLog> followed = ledger::FollowedLog::open(context.files, *state, *trust);
  if (!followed) {
    return report(context, followed.error());
  }
  return Monitor(context, asked, *std::move(trust), *std::move(followed), std::move(policy)).run();
}

}  // namespace

void add_ledger_monitor(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "monitor", "Follow somebody else's log: every head must go on from those before",
      {"pawl ledger monitor http://127.0.0.1:7700/log --trust log.trust",
       "pawl ledger monitor https://log.example/log --trust log.trust --once --json"});
  auto asked = std::make_shared<Asked>();
  command->add_option("url", asked->url, "The log: what stands before /checkpoint")
      ->type_name("URL")
      ->required();
  command->add_option("--trust", asked->trust, "Trust file: the log's key and a head pinned of it")
      ->type_name("FILE")
      ->required();
  command->add_option("--policy", asked->policy, "Witness policy that each head must meet, too")
      ->type_name("FILE");
  command
      ->add_option("--state", asked->state,
                   "Where heads and evidence are kept (default: ~/.local/state/pawl/monitor/LOG)")
      ->type_name("DIR");
  command->add_option("--every", asked->every_s, "Seconds between two looks (default 60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--timeout", asked->timeout_s, "Seconds for one answer (default 10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3'600));
  command->add_flag("--once", asked->once, "One look; the exit code says what it found");
  on_run(*command, context, [&context, asked] { return monitor(context, *asked); });
}

}  // namespace pawl
