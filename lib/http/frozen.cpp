#include "http/frozen.hpp"

#include "http/head.hpp"

namespace restpoint::http {

std::string render_head(const response& what) {
    head_parts parts;
    parts.status = what.status;
    parts.content_type = what.content_type;
    parts.headers = &what.headers;
    parts.length = what.body.size();
    return render_head(parts);
}

frozen::frozen(const response& what)
    : status_(what.status),
      head_(render_head(what)),
      body_(allows_body(what.status) ? what.body : std::string()) {}

std::shared_ptr<const frozen> freeze(const response& what) {
    return std::make_shared<const frozen>(what);
}

} // namespace restpoint::http
