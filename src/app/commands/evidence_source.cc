#include "app/commands/evidence_source.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "app/commands/cosigned_proof.h"
#include "app/commands/offline_proof.h"
#include "app/commands/record_lookup.h"
#include "app/commands/trust_store.h"
#include "app/commands/verify_chain.h"
#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/evidence_graph.h"
#include "foundation/ledger/reader.h"
#include "foundation/records/key_record_dialect.h"

namespace pawl {
namespace {

using Tokens = std::map<std::uint64_t, std::string>;

struct Record {
  ledger::GraphNode node;
  std::optional<KeyRecord> key_record;
  std::int64_t iat = 0;
};

Result<Record> read_record(std::uint64_t index, std::string_view token) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  const Result<ect::Token> read = jws ? ect::read(*jws) : fail(jws.error());
  if (!read) {
    return fail_at("entry " + std::to_string(index), read.error());
  }
  Result<std::optional<KeyRecord>> key_record =
      read_key_record_of(jws->typ, read->claims.exec_act, jws->payload);
  if (!key_record) {
    return fail_at("entry " + std::to_string(index), key_record.error());
  }
  return Record{ledger::graph_node(index, read->claims), *std::move(key_record), read->claims.iat};
}

// Most entries are calls of other workflows: their payload is decoded and not parsed.
bool may_concern(std::string_view token, const std::string& workflow) {
  const std::size_t begin = token.find('.');
  const std::size_t end = token.find('.', begin + 1);
  const Result<std::string> payload =
      begin == token.npos || end == token.npos
          ? Result<std::string>(fail(Code::kMalformed, ""))
          : base64url_decode(token.substr(begin + 1, end - begin - 1));
  return !payload || payload->find(workflow) != payload->npos ||
         payload->find("\"wid\"") == payload->npos;
}

class Source {
 public:
  Source(Context& context, std::string root, std::uint64_t log, const Uuid& workflow)
      : context_(context),
        root_(std::move(root)),
        log_(log),
        folder_(log_root(root_, log)),
        workflow_(workflow) {}

  Result<ledger::Evidence> make() {
    Status done = find_records();
    done = done ? find_time_marks() : done;
    done = done ? find_causes() : done;
    done = done ? find_keys() : done;
    done = done ? prove() : done;
    return done ? Result<ledger::Evidence>(std::move(out_)) : fail(done.error());
  }

 private:
  Status find_records() {
    Status read;
    const std::string text = workflow_.text();
    ledger::Visitor visitor;
    visitor.entry = [&](std::uint64_t index, std::string_view token) {
      if (index == 0 || may_concern(token, text)) {
        read = take(index, token);
      }
      return read.has_value();
    };
    const Status walked = ledger::walk(context_.files, folder_, visitor);
    if (!walked || !read) {
      return walked ? read : walked;
    }
    return entries_.empty()
               ? Status(fail(Code::kNotFound, "no record of workflow " + text + " in " + folder_))
               : Status{};
  }

  Status take(std::uint64_t index, std::string_view token) {
    Result<Record> record = read_record(index, token);
    if (!record) {
      return fail(record.error());
    }
    if (index == 0 || record->key_record) {
      key_records_[index] = token;
      if (record->key_record && record->key_record->what == KeyRecord::What::kCompromised) {
        since_.insert(record->key_record->since_s);
      }
      return {};
    }
    const bool is_of_it = record->node.workflow == workflow_;
    if (is_of_it || ledger::is_follower(record->node, [this](const Uuid& id) {
          return of_workflow_.contains(id);
        })) {
      if (is_of_it) {
        of_workflow_.insert(record->node.id);
      }
      return add(*record, token);
    }
    return {};
  }

  Status add(const Record& record, std::string_view token) {
    if (entries_.size() == ledger::kMostEvidenceEntries) {
      return fail(Code::kTooLarge, "workflow " + workflow_.text() + " has more than " +
                                       std::to_string(ledger::kMostEvidenceEntries) +
                                       " records with what they came from: export the whole log");
    }
    if (record.node.index != 0) {
      key_records_.erase(record.node.index);  // an entry stands in one list
    }
    entries_[record.node.index] = token;
    ids_.insert(record.node.id);
    for (const Uuid& cause : record.node.causes) {
      std::uint64_t& before = open_causes_[cause];
      before = std::max(before, record.node.index);
    }
    return {};
  }

  // Of each compromise the first entry that was recorded as late as it: what stands behind is
  // later, whatever time it names.
  Status find_time_marks() {
    if (since_.empty()) {
      return {};
    }
    Status read;
    ledger::Visitor visitor;
    visitor.entry = [&](std::uint64_t index, std::string_view token) {
      const Result<Record> record = read_record(index, token);
      read = record ? Status{} : Status(fail(record.error()));
      const auto reached = record ? since_.upper_bound(record->iat) : since_.begin();
      if (reached != since_.begin()) {
        since_.erase(since_.begin(), reached);
        if (!entries_.contains(index)) {
          key_records_[index] = token;
        }
      }
      return read && !since_.empty();
    };
    const Status walked = ledger::walk(context_.files, folder_, visitor);
    return walked ? read : walked;
  }

  // Parents of other workflows, and theirs.
  Status find_causes() {
    Result<std::unique_ptr<store::RecordIndex>> index =
        log_ == 0 ? current_index(context_, root_) : frozen_index(context_, root_, log_);
    if (!index) {
      return fail(index.error());
    }
    while (!open_causes_.empty()) {
      const auto [id, before] = *open_causes_.begin();
      open_causes_.erase(open_causes_.begin());
      if (ids_.contains(id)) {
        continue;
      }
      Result<std::optional<store::RecordRow>> row = (*index)->find(id);
      if (row && !*row) {
        row = (*index)->find_token(id);
      }
      if (!row) {
        return fail(row.error());
      }
      if (!*row || (*row)->index >= before) {  // a token's parent that came later was not at hand
        missing_.insert(id);
        continue;
      }
      missing_.erase(id);
      const Result<FoundRecord> found =
          find_record(context_, folder_, std::to_string((*row)->index));
      const Result<Record> record =
          found ? read_record((*row)->index, found->jws.compact) : fail(found.error());
      if (!record) {
        return fail(record.error());
      }
      if (record->node.id != id) {
        return fail(Code::kBadSignature, "the index is wrong at entry " +
                                             std::to_string((*row)->index) +
                                             ": run `pawl scrub`, which builds it again");
      }
      if (Status added = add(*record, found->jws.compact); !added) {
        return added;
      }
    }
    return missing_.size() <= ledger::kMostMissingParents
               ? Status{}
               : Status(fail(Code::kTooLarge, "more than " +
                                                  std::to_string(ledger::kMostMissingParents) +
                                                  " parents are missing"));
  }

  Status find_keys() {
    const Result<ledger::Trust> keys = trust_of(context_.files, root_);
    const Result<std::string> origin =
        keys ? origin_of(context_.files, folder_) : Result<std::string>(fail(keys.error()));
    if (!origin) {
      return fail(origin.error());
    }
    out_.keys = trust_for(*keys, *origin);
    return {};
  }

  Status prove() {
    std::vector<std::uint64_t> indexes;
    for (const Tokens* list : {&key_records_, &entries_}) {
      for (const auto& [index, token] : *list) {
        indexes.push_back(index);
      }
    }
    const std::uint64_t last = *std::max_element(indexes.begin(), indexes.end());
    const Result<std::optional<ledger::Checkpoint>> head = head_by_policy(context_, folder_, last);
    Result<OfflinePaths> proven =
        head ? paths_offline(context_.files, folder_, indexes, *head ? &**head : nullptr)
             : fail(head.error());
    if (!proven) {
      return fail(proven.error());
    }
    out_.workflow = workflow_;
    out_.checkpoint = std::move(proven->head.note);
    auto path = proven->paths.begin();
    for (const auto& [from, to] :
         {std::pair{&key_records_, &out_.key_records}, std::pair{&entries_, &out_.entries}}) {
      for (auto& [index, token] : *from) {
        to->push_back({index, std::move(token), std::move(*path++)});
      }
    }
    out_.missing.assign(missing_.begin(), missing_.end());
    return {};
  }

  Context& context_;
  const std::string root_;
  const std::uint64_t log_;
  const std::string folder_;  // of the log
  const Uuid workflow_;
  Tokens key_records_, entries_;               // by index
  std::set<std::int64_t> since_;               // of compromises
  std::set<Uuid> of_workflow_, ids_;           // of entries_
  std::map<Uuid, std::uint64_t> open_causes_;  // with the last record that names it
  std::set<Uuid> missing_;
  ledger::Evidence out_;
};

}  // namespace

Result<ledger::Evidence> evidence_of(Context& context, const std::string& root, std::uint64_t log,
                                     const Uuid& workflow) {
  return Source(context, root, log, workflow).make();
}

}  // namespace pawl
