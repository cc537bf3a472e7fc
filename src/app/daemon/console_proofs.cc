// One record with its proof, and the rules: the parts of ConsoleReads that show what is proven or
// in force.
#include "app/api/http_answer.h"
#include "app/api/rules_answer.h"
#include "app/api/shown_proof.h"
#include "app/config/configured_agent.h"
#include "app/daemon/console_reads.h"

namespace pawl {
namespace {

void send(const std::shared_ptr<http::ResponseWriter>& writer, const Result<json::Object>& answer) {
  writer->send(answer ? json_answer(200, *answer) : problem_answer(answer.error()));
}

json::Object set_json(const Activated& policy) {
  const rules::SetHeader* header = policy.set->header();
  json::Object out{{"digest", policy.state.digest}, {"rules", policy.set->rules().size()}};
  out["name"] = header != nullptr ? json::Value(header->name) : json::Value(nullptr);
  out["owner"] = header != nullptr ? json::Value(header->owner) : json::Value(nullptr);
  out["version"] = header != nullptr ? json::Value(header->version) : json::Value(nullptr);
  out["signed_by"] =
      policy.statement ? json::Value(policy.statement->operator_name) : json::Value(nullptr);
  out["signed"] = policy.state.is_signed;
  return out;
}

}  // namespace

void ConsoleReads::show_record(const Asked& asked) {
  const Result<ReadQuery> none = ReadQuery::read(asked.request.query, {});
  const Result<Uuid> id = Uuid::parse(asked.rest);
  if (!none || !id) {
    return send(asked.writer,
                none ? Result<json::Object>(wrong_parameter("ID", "a UUID")) : fail(none.error()));
  }
  const std::string log = parts_.governance.ledger().vkey();
  desk_.ask([&reads = records(), id = *id, viewer = asked.viewer,
             size = parts_.governance.ledger().size()] { return reads.record(id, viewer, size); },
            [this, writer = asked.writer, log](ReadDesk::Answer record) {
              send(writer, record ? with_proof(*std::move(record), log) : std::move(record));
            });
}

// `log`: what was in use when it was asked. A record whose proof cannot be made is shown all the
// same, and why.
Result<json::Object> ConsoleReads::with_proof(json::Object record, const std::string& log) const {
  const ledger::Ledger& ledger = parts_.governance.ledger();
  if (ledger.vkey() != log) {
    return fail(Code::kConflict, "another log is in use now; ask again");
  }
  const std::string id(record["id"].as_string());
  const Result<std::string> proof =
      record.contains("log")
          ? Result<std::string>(fail(Code::kNotFound,
                                     "it stands in a log that is frozen: run pawl "
                                     "ledger prove " +
                                         id))
          : parts_.log.receipt(record["index"].to_number<std::uint64_t>());
  const Result<json::Object> shown =
      proof ? shown_proof(*proof, std::string(record["token"].as_string())) : fail(proof.error());
  record["proof"] = shown ? json::Value(*shown) : json::Value(nullptr);
  if (!shown) {
    record["proof_problem"] = shown.error().message;
  }
  const Result<json::Parsed> jwks = json::parse(parts_.governance.record_keys().jwk_set());
  json::Object keys{{"vkey", ledger.vkey()}};
  keys["jwks"] = jwks ? jwks->value : json::Value(json::Object{{"keys", json::Array()}});
  record["keys"] = std::move(keys);
  return record;
}

void ConsoleReads::show_rules(const Asked& asked) {
  if (const Status may = plain_and_whole(asked); !may) {
    return send(asked.writer, fail(may.error()));
  }
  const Activated& policy = parts_.governance.policy();
  json::Array files;
  std::size_t bytes = 0;
  for (const rules::Source& source : policy.sources) {
    bytes += source.text.size();
    json::Object file{{"path", source.file}, {"bytes", source.text.size()}};
    file["text"] = bytes <= kMostRuleBytes ? json::Value(source.text) : json::Value(nullptr);
    files.emplace_back(std::move(file));
  }
  json::Object out;
  out["set"] = set_json(policy);
  out["files"] = std::move(files);
  out["held_back"] =
      policy.held_back.empty() ? json::Value(nullptr) : json::Value(policy.held_back);
  send(asked.writer, out);
}

void ConsoleReads::show_proposals(const Asked& asked) {
  if (const Status may = plain_and_whole(asked); !may) {
    return send(asked.writer, fail(may.error()));
  }
  ask_records(asked.writer,
              [](RecordReads& reads, std::uint64_t size) { return reads.proposals(size); });
}

void ConsoleReads::try_rules(const Asked& asked) {
  const Status may = plain_and_whole(asked);
  Result<RuleTrial> trial = may ? read_trial(asked.request.body) : fail(may.error());
  if (!trial) {
    return send(asked.writer, fail(trial.error()));
  }
  std::vector<std::string> groups = groups_of(parts_.config, trial->agent);
  ask_desk(
      asked.writer,
      [trial = *std::move(trial), groups = std::move(groups), in_force = parts_.governance.rules(),
       now = parts_.clock.wall().seconds()] { return try_call(trial, in_force, groups, now); });
}

void ConsoleReads::check_files(const Asked& asked) {
  const Status may = plain_and_whole(asked);
  Result<std::vector<rules::Source>> files =
      may ? read_check(asked.request.body) : fail(may.error());
  if (!files) {
    return send(asked.writer, fail(files.error()));
  }
  ask_desk(asked.writer,
           [files = *std::move(files), &config = parts_.config, now = parts_.clock.wall().seconds(),
            known = known_names(parts_.config, parts_.governance.keys().agents())]()
               -> ReadDesk::Answer { return check_rules(files, known, config, now); });
}

}  // namespace pawl
