#include "gateway/received_tokens.h"

#include <algorithm>
#include <unordered_map>

#include "foundation/crypto/bounded_name.h"
#include "foundation/ect/received_token.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

// Of a record's extension beside its names, its causes and the token: at most.
constexpr std::size_t kOtherBytes = 1024;
constexpr std::size_t kCauseBytes = 12;    // "declared", and a comma
constexpr std::size_t kMissingBytes = 39;  // an id in quotes, and a comma

// Whether so many bytes of texts find room beside the rest.
bool fits(std::size_t texts, const NewToken& received, const std::string& agent) {
  const ect::Claims& claims = received.token->claims;
  const std::size_t names =
      json::quote(bounded_name(agent)).size() + json::quote(bounded_name(claims.iss)).size();
  return texts + names + claims.pred.size() * kCauseBytes +
             received.missing.size() * kMissingBytes + kOtherBytes <=
         ect::kMaxExtBytes;
}

// A depth-first walk upwards; tokens that were verified together are in no circle.
class ParentsFirst {
 public:
  explicit ParentsFirst(NewTokens& tokens) : tokens_(tokens), seen_(tokens.size()) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      places_.emplace(tokens[i].token->claims.jti, i);
    }
  }
  NewTokens take() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      visit(i);
    }
    return std::move(out_);
  }

 private:
  void visit(std::size_t at) {  // as deep as a call has tokens: a hundred
    if (seen_[at]) {
      return;
    }
    seen_[at] = true;
    for (const Uuid& parent : tokens_[at].token->claims.pred) {
      if (const auto place = places_.find(parent); place != places_.end()) {
        visit(place->second);
      }
    }
    out_.push_back(std::move(tokens_[at]));
  }

  NewTokens& tokens_;
  std::vector<bool> seen_;
  std::unordered_map<Uuid, std::size_t> places_;
  NewTokens out_;
};

}  // namespace

void put_parents_first(NewTokens& tokens) {
  if (tokens.size() > 1) {
    tokens = ParentsFirst(tokens).take();
  }
}

RecordDraft received_record(const NewToken& received, const Uuid& id, const std::string& agent) {
  const ect::Token& token = *received.token;
  const ect::Claims& claims = token.claims;
  RecordDraft draft;
  draft.id = id;
  draft.kind = kinds::kTokenReceived;
  draft.workflow = claims.wid;
  for (const Uuid& parent : claims.pred) {
    draft.causes.push_back({parent, Basis::kDeclared});
  }
  draft.agent = agent;
  draft.level = received.level;
  draft.put_name("agent", agent);
  draft.put_name(names::kClaimIss, claims.iss);
  draft.body.id(names::kBodyTokenId, claims.jti);
  draft.body.number(names::kClaimIat, claims.iat);
  draft.body.text(names::kBodyTokenPayload, digest_text(ect::payload_digest(token)));
  draft.body.text(names::kBodyLevel, ect::level_name(received.level));
  if (!ect::is_approved(claims)) {
    draft.body.flag(names::kBodyTokenApproved, false);
  }
  if (received.fetched) {
    draft.body.flag(names::kBodyTokenFetched, true);
  }
  if (!received.missing.empty()) {
    draft.body.text("graph", "partial");
    draft.body.list("missing_parents", received.missing, json::append_id);
  }
  std::size_t texts = token.compact.size();
  if (fits(texts, received, agent)) {
    draft.body.text(names::kBodyTokenText, token.compact);
  } else {
    texts = 0;
    draft.body.text(names::kBodyTokenDigest, digest_text(sha256(token.compact)));
  }
  if (!received.wit.empty()) {
    const bool has_room = fits(texts + received.wit.size(), received, agent);
    draft.body.text(has_room ? names::kBodyTokenWit : names::kBodyTokenWitDigest,
                    has_room ? received.wit : digest_text(sha256(received.wit)));
  }
  return draft;
}

}  // namespace pawl
