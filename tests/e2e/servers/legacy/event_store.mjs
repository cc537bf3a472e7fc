// Keeps the events of one session's streams, so that a client can resume one with Last-Event-ID.
// Ids are "<stream>_<sequence>", the sequence counted over the session.

export class EventStore {
  #events = [];

  async storeEvent(stream_id, message) {
    const id = `${stream_id}_${this.#events.length}`;
    this.#events.push({ id, stream_id, message });
    return id;
  }

  async getStreamIdForEventId(id) {
    return this.#events.find((event) => event.id === id)?.stream_id;
  }

  async replayEventsAfter(last_id, { send }) {
    const index = this.#events.findIndex((event) => event.id === last_id);
    if (index < 0) {
      throw new Error('unknown event id');
    }
    const { stream_id } = this.#events[index];
    for (const event of this.#events.slice(index + 1)) {
      // An empty message is the priming event of a stream: it carries an id and nothing else.
      if (event.stream_id === stream_id && Object.keys(event.message).length > 0) {
        await send(event.id, event.message);
      }
    }
    return stream_id;
  }
}
