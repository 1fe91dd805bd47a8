#include "api/progress_feed.hpp"

#include "api/event_text.hpp"
#include "api/job_json.hpp"

namespace asio = boost::asio;

namespace restpoint::api {

std::shared_ptr<shared_progress> progress_feed::follow(jobs::job_id id) {
    if (const auto found = followed_.find(id); found != followed_.end()) {
        if (auto place = found->second.lock()) {
            return place;
        }
    }
    std::erase_if(followed_, [](const auto& entry) { return entry.second.expired(); });
    auto place = std::make_shared<shared_progress>();
    followed_[id] = place;
    return place;
}

asio::awaitable<std::shared_ptr<const std::string>> progress_feed::look(
    jobs::service& jobs, jobs::job_id id, std::shared_ptr<shared_progress> place) const {
    const auto now = clock::now();
    if (now < place->due) {
        co_return place->text;
    }
    place->due = now + every_;
    const auto found = co_await jobs.find(id);
    if (found && !is_final(found->state)) {
        const auto json = progress_json(*found, std::chrono::system_clock::now());
        auto text = json == "null" ? std::string() : event_text("progress", json);
        if (!text.empty() && (!place->text || *place->text != text)) {
            place->text = std::make_shared<const std::string>(std::move(text));
        }
    }
    co_return place->text;
}

} // namespace restpoint::api
