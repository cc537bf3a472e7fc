#include "infrastructure/bridge/fan_out.h"

#include <utility>
#include <vector>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/all_gates.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/handshake.h"
#include "infrastructure/mcp/lists.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"

namespace pawl::bridge {
namespace {

class FanOut : public std::enable_shared_from_this<FanOut> {
 public:
  FanOut(std::shared_ptr<Core> core, Inbound in) : core_(std::move(core)), in_(std::move(in)) {}

  void start() {
    Result<std::vector<mcp::CursorEntry>> targets = find_targets();
    if (!targets) {
      in_.reply->answer(mcp::fault_response(in_.message.id_text, targets.error(), in_.era), {},
                        nullptr);
      return;
    }
    in_.reply->on_gone([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        for (const auto& handler : std::exchange(self->gone_, {})) {
          handler();
        }
      }
    });
    open_ = targets->size() + 1;
    for (const mcp::CursorEntry& target : *targets) {
      ask(target);
    }
    one_less();
  }

  void collect(const std::string& server, const std::string& text,
               std::shared_ptr<WriteGate> gate) {
    const Result<jsonrpc::Message> response = jsonrpc::decode(text);
    if (response) {
      note_record(server, *response->value);
    }
    if (response && response->result) {
      pages_.push_back({server, std::string(response->result->of(response->text))});
      if (gate) {
        gates_.push_back(std::move(gate));
      }
    } else {
      unavailable_.push_back(server);
      if (first_error_.empty()) {
        first_error_ = text;
      }
    }
    one_less();
  }

  const std::shared_ptr<Reply>& reply() const { return in_.reply; }
  void add_gone(std::function<void()> handler) { gone_.push_back(std::move(handler)); }
  void add_drained(std::function<void()> handler) {
    drained_.push_back(std::move(handler));
    in_.reply->on_drained([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        for (const auto& each : std::exchange(self->drained_, {})) {
          each();
        }
      }
    });
  }

 private:
  Result<std::vector<mcp::CursorEntry>> find_targets() const;
  void ask(const mcp::CursorEntry& target);
  void note_record(const std::string& server, const json::Value& response);
  void one_less();
  Result<std::string> merged();

  const std::shared_ptr<Core> core_;
  const Inbound in_;
  std::size_t open_ = 0;
  std::vector<mcp::Page> pages_;
  std::vector<std::shared_ptr<WriteGate>> gates_;
  std::vector<std::string> unavailable_;
  std::string parts_;  // the records of the calls, elements of a JSON array
  std::string first_error_;
  std::vector<std::function<void()>> gone_;
  std::vector<std::function<void()>> drained_;
};

// The reply of one of the calls.
class Part final : public Reply {
 public:
  Part(std::shared_ptr<FanOut> all, std::string server)
      : all_(std::move(all)), server_(std::move(server)) {}
  void send(std::string text, std::shared_ptr<WriteGate> gate,
            std::function<void(bool)> left) override {
    all_->reply()->send(std::move(text), std::move(gate), std::move(left));
  }
  void answer(std::string text, Head, std::shared_ptr<WriteGate> gate) override {
    all_->collect(server_, text, std::move(gate));
  }
  void on_gone(std::function<void()> handler) override { all_->add_gone(std::move(handler)); }
  std::size_t queued_bytes() const override { return all_->reply()->queued_bytes(); }
  void on_drained(std::function<void()> handler) override { all_->add_drained(std::move(handler)); }
  void cancelled() override { all_->reply()->cancelled(); }

 private:
  const std::shared_ptr<FanOut> all_;
  const std::string server_;
};

Result<std::vector<mcp::CursorEntry>> FanOut::find_targets() const {
  const json::Value* params = in_.message.params_value();
  const json::Value* cursor = params ? json::find(*params, {"cursor"}) : nullptr;
  if (cursor != nullptr && in_.info->list != mcp::ListKind::kNone) {
    if (!cursor->is_string()) {
      return fail(Code::kInvalidParams, "cursor must be a string");
    }
    return core_->cursors.open(in_.info->list, std::string_view(cursor->get_string()));
  }
  std::vector<mcp::CursorEntry> out;
  for (const std::string& server : core_->parts.servers.names()) {
    if (core_->parts.gateway.may_use(in_.caller, server, in_.info->verb, "")) {
      out.push_back({server, ""});
    }
  }
  return out;
}

void FanOut::ask(const mcp::CursorEntry& target) {
  Inbound part = in_;
  part.server = target.server;
  part.reply = std::make_shared<Part>(shared_from_this(), target.server);
  if (!target.cursor.empty() && part.message.params) {
    Result<jsonrpc::Message> paged = jsonrpc::decode(json::with_member(
        part.message.text, *part.message.params, "cursor", json::quote(target.cursor)));
    if (!paged) {
      collect(target.server, mcp::fault_response(in_.message.id_text, paged.error(), in_.era),
              nullptr);
      return;
    }
    part.message = std::move(*paged);
  }
  ClientCall::start(core_, std::move(part));
}

// A merged list is no action of its own: each server that was asked has a record of its own.
void FanOut::note_record(const std::string& server, const json::Value& response) {
  const auto text = [&](std::string_view name) {
    const auto result = json::find_string(response, {"result", "_meta", name});
    return result ? result : json::find_string(response, {"error", "data", "_meta", name});
  };
  auto id = text(names::kMetaRecord);
  id = id ? id : json::find_string(response, {"error", "data", "record"});
  if (!id) {
    return;
  }
  parts_.append(parts_.empty() ? "" : ",").append(R"({"server":)").append(json::quote(server));
  parts_.append(R"(,"id":)").append(json::quote(*id));
  if (const auto proof = text(names::kMetaProof)) {
    parts_.append(R"(,"proof":)").append(json::quote(*proof));
  }
  parts_.append("}");
}

Result<std::string> FanOut::merged() {
  if (in_.info->list == mcp::ListKind::kNone) {
    return std::string("{}");
  }
  Result<std::string> list =
      mcp::merge_lists(pages_, in_.info->list, in_.era, core_->names, core_->cursors, unavailable_);
  return list && !parts_.empty()
             ? mcp::with_meta(*list, json::whole(*list), names::kMetaParts, "[" + parts_ + "]")
             : list;
}

void FanOut::one_less() {
  if (--open_ != 0) {
    return;
  }
  if (pages_.empty() && !first_error_.empty()) {
    in_.reply->answer(first_error_, {}, nullptr);
    return;
  }
  const Result<std::string> result = merged();
  if (!result) {
    in_.reply->answer(mcp::fault_response(in_.message.id_text, result.error(), in_.era), {},
                      nullptr);
    return;
  }
  in_.reply->answer(jsonrpc::response(in_.message.id_text, *result), {},
                    std::make_shared<AllGates>(std::move(gates_),
                                               core_->parts.gateway.plumbing_gate(in_.caller, "")));
}

}  // namespace

bool goes_to_all(const mcp::MethodInfo& info) {
  return info.list != mcp::ListKind::kNone || info.verb == kinds::kLogLevel;
}

void start_fan_out(const std::shared_ptr<Core>& core, Inbound in) {
  std::make_shared<FanOut>(core, std::move(in))->start();
}

}  // namespace pawl::bridge
