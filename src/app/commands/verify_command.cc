#include "app/commands/verify_command.h"

#include <istream>
#include <ostream>
#include <vector>

#include "app/commands/trust_store.h"
#include "app/commands/verify_answer.h"
#include "app/commands/verify_equivocation.h"
#include "app/commands/verify_evidence.h"
#include "app/commands/verify_pin.h"
#include "app/commands/witnesses.h"
#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/disclosure.h"
#include "foundation/ledger/equivocation.h"
#include "foundation/ledger/evidence.h"
#include "foundation/ledger/jws_receipt.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/ledger/verify_cbor_token.h"
#include "foundation/ledger/verify_jws_receipt.h"
#include "foundation/ledger/verify_statement.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxReceiptBytes = 1u << 20;

struct Asked {
  std::string what, trust, proof, policy;
  std::vector<std::string> issuer_keys, pages;
  std::optional<ledger::WitnessPolicy> witnesses;  // what `policy` holds
  IssuerKeys issuers;                              // and `issuer_keys`
  std::vector<ledger::RelyingParty> parties;       // and `pages`
};

// What began in entries that were pruned is not known to have begun.
bool begins_pruned(Files& files, const std::string& path) {
  const Result<std::optional<ledger::Minimum>> minimum = ledger::minimum_at(files, path);
  return minimum && *minimum;
}

// Which logs a data folder has, to see whether that changed.
std::string log_set(Files& files, const std::string& path) {
  const Result<std::optional<ledger::Opened>> newest = ledger::newest_opened(files, path);
  std::string out = newest && *newest ? std::to_string((*newest)->number) : "-";
  out += is_between_logs(files, path) ? " begins" : "";
  for (const std::uint64_t number : ledger::frozen_logs(files, path)) {
    out += " " + std::to_string(number);
  }
  return out;
}

std::optional<ledger::Trust> for_origin(const std::optional<ledger::Trust>& trust,
                                        const Result<std::string>& origin) {
  return trust && origin ? std::optional(trust_for(*trust, *origin)) : trust;
}

// What people approved before the log `origin`, with which it goes on.
ApprovalReader read_approvals(Files& files, const std::string& path, const std::string& origin,
                              const ledger::Trust& trust) {
  ApprovalReader out(trust);
  out.read_earlier(files, path, origin);
  if (begins_pruned(files, path)) {
    out.misses_approvals();
  }
  return out;
}

VerifyAnswer verify_once(Context& context, const Asked& asked) {
  VerifyAnswer answer;
  const Result<std::string> origin = origin_of(context.files, asked.what);
  Result<std::optional<ledger::Trust>> trust =
      find_trust(context, asked.trust, origin, answer.trusted);
  if (!trust) {
    return undecided(trust.error().message);
  }
  if (*trust) {
    std::vector<ledger::RelyingParty>& parties = (*trust)->relying_parties;
    parties.insert(parties.end(), asked.parties.begin(), asked.parties.end());
  }
  const std::optional<ledger::Trust> here = for_origin(*trust, origin);
  StatementReport statements;
  ReceivedReport received;
  StateReport state;
  state.goes_on = begins_pruned(context.files, asked.what);
  std::optional<ApprovalReader> approvals;
  if (here) {
    approvals = read_approvals(context.files, asked.what, origin.value_or(""), **trust);
  }
  const ledger::EntryLook look =
      here ? both(both(look_for_statements(*here, statements),
                       look_for_received(asked.issuers, received)),
                  both(look_for_state(state), approvals->look(origin.value_or(""))))
           : ledger::EntryLook{};
  answer.report = ledger::verify_folder(context.files, asked.what, here, look);
  if (here && is_between_logs(context.files, asked.what)) {
    answer.report.is_empty = true;
  } else if (here && answer.report.verdict != ledger::Verdict::kBad) {
    answer.statements = std::move(statements);
    answer.received = std::move(received);
    answer.state = std::move(state);
    answer.approvals = approvals->report();
  }
  if (here && origin) {
    answer.frozen = verify_chain(context.files, asked.what, *origin, **trust, answer.report);
    refuse_older(context.files, asked.what, *origin, **trust, answer);
  }
  combine(answer, asked.witnesses, here);
  if (here) {
    need_pinned_head(*here, **trust, answer);
  }
  return answer;
}

// A daemon may begin its next log meanwhile: what was read is then of two sets of logs, and proves
// nothing unless it is good.
VerifyAnswer verify_path(Context& context, const Asked& asked) {
  constexpr int kAttempts = 5;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string before = log_set(context.files, asked.what);
    VerifyAnswer answer = verify_once(context, asked);
    if (answer.report.verdict == ledger::Verdict::kGood ||
        before == log_set(context.files, asked.what)) {
      return answer;
    }
  }
  return undecided("logs were renewed while they were read: try again");
}

Result<std::string> read_text(Context& context, const std::string& path) {
  if (path != "-") {
    return read_file(context.files, path, ledger::kMaxEvidenceBytes);
  }
  std::string text;
  char c = 0;
  while (text.size() <= ledger::kMaxEvidenceBytes && context.io.in.get(c)) {
    text += c;
  }
  return text.size() <= ledger::kMaxEvidenceBytes
             ? Result<std::string>(std::move(text))
             : Result<std::string>(fail(Code::kTooLarge, "standard input: more than 64 MiB"));
}

// A saved token may have gained a line end; the entry has none.
std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) {
    token.remove_suffix(1);
  }
  return token;
}

VerifyAnswer verify_token(Context& context, const Asked& asked, const std::string& text) {
  if (text.size() > kMaxReceiptBytes) {
    return undecided(asked.what + ": a token of more than 1 MiB");
  }
  if (asked.proof.empty() && !jose::decode(std::string(trimmed(text)), kMaxReceiptBytes)) {
    return undecided((asked.what == "-" ? "standard input" : asked.what) +
                     " is neither a token, an evidence file nor a log folder");
  }
  if (asked.proof.empty()) {
    return undecided(
        "a single token needs the proof that it stands in a ledger: give --proof FILE "
        "(`pawl ledger prove` writes both, and the record's proof address serves it)");
  }
  const Result<std::string> proof = read_file(context.files, asked.proof, kMaxReceiptBytes);
  if (!proof) {
    return undecided(proof.error().message);
  }
  const bool is_jws = ledger::looks_like_jws_receipt(trimmed(*proof));
  const Result<ledger::JwsReceipt> receipt =
      is_jws ? ledger::read_jws_receipt(trimmed(*proof)) : fail(Code::kNotFound, "no JWS receipt");
  const Result<ledger::TlogProof> parsed = ledger::parse_proof(receipt ? receipt->proof : *proof);
  const Result<ledger::TreeHead> head = parsed ? ledger::read_checkpoint(parsed->checkpoint)
                                               : Result<ledger::TreeHead>(fail(parsed.error()));
  VerifyAnswer answer;
  answer.is_single = true;
  const auto origin =
      head ? Result<std::string>(head->origin) : Result<std::string>(fail(head.error()));
  const Result<std::optional<ledger::Trust>> trust =
      find_trust(context, asked.trust, origin, answer.trusted);
  if (!trust) {
    return undecided(trust.error().message);
  }
  const std::optional<ledger::Trust> here = for_origin(*trust, origin);
  const std::string_view token = trimmed(text);
  answer.report = is_jws ? ledger::verify_jws_receipt(token, trimmed(*proof), here)
                         : ledger::verify_receipt(token, *proof, here);
  if (here && parsed && answer.report.verdict != ledger::Verdict::kBad) {
    check_statement(parsed->index, token, *here, answer.statements);
    answer.leaves_approvals = rests_on_approvals(token);
  }
  combine(answer, asked.witnesses, here);
  return answer;
}

VerifyAnswer verify_two_heads(Context& context, const Asked& asked, std::string_view text) {
  VerifyAnswer answer;
  if (!asked.proof.empty() || asked.witnesses) {
    return undecided("evidence of two histories stands for itself: without --proof and --policy");
  }
  answer.report = verify_equivocation(text, [&](const Result<std::string>& origin) {
    return find_trust(context, asked.trust, origin, answer.trusted);
  });
  return answer;
}

// A statement with its receipt, or a token, which is of no log.
VerifyAnswer verify_cose(Context& context, const Asked& asked, std::string_view bytes) {
  VerifyAnswer answer;
  answer.is_single = true;
  const Result<std::string> origin = ledger::statement_origin(bytes);
  const Result<std::optional<ledger::Trust>> trust =
      find_trust(context, asked.trust, origin, answer.trusted);
  if (!trust) {
    return undecided(trust.error().message);
  }
  const std::optional<ledger::Trust> here = for_origin(*trust, origin);
  if (!ledger::looks_like_statement(bytes)) {
    answer.report = ledger::verify_cbor_token(bytes, here);
  } else {
    answer.report = ledger::verify_statement(bytes, here);
    const Result<ledger::Statement> statement = ledger::read_statement(bytes);
    if (here && statement && !statement->receipts.empty()) {
      check_statement(statement->receipts.front().proof.index, statement->entry, *here,
                      answer.statements);
      answer.leaves_approvals = rests_on_approvals(statement->entry);
    }
  }
  combine(answer, asked.witnesses, here);
  return answer;
}

// A record that its instance shows in part.
VerifyAnswer verify_shown(Context& context, const Asked& asked, std::string_view text) {
  VerifyAnswer answer;
  answer.is_single = true;
  if (!asked.proof.empty() || asked.witnesses) {
    return undecided("a record shown in part brings its proof: without --proof and --policy");
  }
  const std::string origin = ledger::disclosure_origin(text);
  const Result<std::optional<ledger::Trust>> trust =
      find_trust(context, asked.trust,
                 origin.empty() ? Result<std::string>(fail(Code::kNotFound, "no proof")) : origin,
                 answer.trusted);
  if (!trust) {
    return undecided(trust.error().message);
  }
  const std::optional<ledger::Trust> here =
      *trust ? std::optional(trust_for(**trust, origin)) : *trust;
  ledger::ShownRecord shown = ledger::verify_disclosure(text, here, context.clock.wall());
  answer.report = std::move(shown.report);
  answer.disclosed = ShownDisclosure{std::move(shown.claims), shown.withheld};
  combine(answer, asked.witnesses, here);
  return answer;
}

VerifyAnswer verify_text(Context& context, const Asked& asked, const std::string& text) {
  if (ledger::looks_like_equivocation(text)) {
    return verify_two_heads(context, asked, text);
  }
  const std::string_view shown = trimmed(text);
  if (asked.proof.empty() && ledger::looks_like_cbor_token(shown)) {
    const Result<std::string> bytes = base64url_decode(shown);  // as it is presented
    return verify_cose(context, asked, bytes ? *bytes : text);
  }
  if (ledger::looks_like_disclosure(shown) && !ledger::looks_like_evidence(text)) {
    return verify_shown(context, asked, shown);
  }
  if (!ledger::looks_like_evidence(text)) {
    return verify_token(context, asked, text);
  }
  return asked.proof.empty() ? verify_evidence(context, text, asked.trust, asked.witnesses)
                             : undecided("--proof goes with a single token; " + asked.what +
                                         " is an evidence file, which has its own");
}

// What the pin of the first log cannot decide for want of a key, the pin of a later one may: it was
// taken after the keys changed. Never the reverse, and no pin makes less of what is bad.
VerifyAnswer verify_single(Context& context, Asked asked) {
  const Result<std::string> text = read_text(context, asked.what);
  if (!text) {
    const bool is_folder = asked.what != "-" && text.error().code != Code::kNotFound &&
                           context.files.list(asked.what).has_value();
    return undecided(is_folder ? asked.what + ": a folder that holds no ledger (no record yet?)"
                               : text.error().message);
  }
  VerifyAnswer answer = verify_text(context, asked, *text);
  if (!asked.trust.empty() || answer.trusted.empty() ||
      answer.report.verdict != ledger::Verdict::kUnknown) {
    return answer;
  }
  for (const std::string& pin : later_pins(context, answer.trusted)) {
    asked.trust = pin;
    VerifyAnswer again = verify_text(context, asked, *text);
    if (again.report.verdict == ledger::Verdict::kGood) {
      return again;
    }
  }
  return answer;
}

VerifyAnswer verify_asked(Context& context, Asked asked, bool is_folder) {
  if (!asked.policy.empty()) {
    Result<ledger::WitnessPolicy> policy = read_policy(context.files, asked.policy);
    if (!policy) {
      return undecided(policy.error().message);
    }
    asked.witnesses = *std::move(policy);
  }
  Result<IssuerKeys> issuers = read_issuer_keys(context.files, asked.issuer_keys);
  if (!issuers) {
    return undecided(issuers.error().message);
  }
  asked.issuers = *std::move(issuers);
  for (const std::string& page : asked.pages) {
    const Result<ledger::RelyingParty> party = ledger::relying_party_at(page);
    if (!party) {
      return undecided("--rp " + party.error().message);
    }
    asked.parties.push_back(*party);
  }
  return is_folder ? verify_path(context, asked) : verify_single(context, asked);
}

int verify(Context& context, const Asked& asked) {
  const bool is_folder = asked.what != "-" && (ledger::find_source(context.files, asked.what) ||
                                               is_between_logs(context.files, asked.what));
  if (is_folder && !asked.proof.empty()) {
    return report(context, {Code::kInvalidParams,
                            "--proof goes with a single token; " + asked.what + " is a ledger"});
  }
  const VerifyAnswer answer = verify_asked(context, asked, is_folder);
  if (context.io.json) {
    context.io.out << json::print(answer_json(answer)) << '\n';
  } else {
    tell_people(context.io.out, answer);
  }
  return answer.report.verdict == ledger::Verdict::kGood  ? kExitGood
         : answer.report.verdict == ledger::Verdict::kBad ? kExitBad
                                                          : kExitUnclear;
}

}  // namespace

void add_verify(CLI::App& root, Context& context) {
  CLI::App* command = add_command(
      root, "verify", "Check a ledger, a bundle, an evidence file or a single record offline",
      {"pawl verify ./pawl-data", "pawl verify bundle --trust log.trust",
       "pawl verify ./pawl-data --rp https://pawl.example.org",
       "pawl verify ./pawl-data --issuer-keys https://planner.example=planner.jwks.json",
       "pawl verify workflow.evidence --trust log.trust",
       "pawl verify two-histories.equivocation --trust log.trust",
       "pawl verify receipt.token --proof receipt.tlog-proof --trust log.trust"});
  auto asked = std::make_shared<Asked>();
  command
      ->add_option("what", asked->what,
                   "Data folder, bundle, evidence or token file, or - for standard input")
      ->type_name("PATH|FILE|-")
      ->required();
  command->add_option("--trust", asked->trust, "Trust file (default: what was pinned for the log)")
      ->type_name("FILE");
  command->add_option("--policy", asked->policy, "Witness policy (docs/formats/witness_policy.md)")
      ->type_name("FILE");
  command
      ->add_option("--issuer-keys", asked->issuer_keys,
                   "Keys (a JWK set) for the tokens of others that the ledger keeps; repeatable")
      ->type_name("ISSUER=FILE");
  command
      ->add_option("--rp", asked->pages,
                   "Where people approve with passkeys, as the log's operator tells; repeatable")
      ->type_name("ORIGIN");
  command->add_option("--proof", asked->proof, "The proof of a single token, or its receipt")
      ->type_name("FILE");
  on_run(*command, context, [&context, asked] { return verify(context, *asked); });
}

}  // namespace pawl
