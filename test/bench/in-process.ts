import { Participant } from '../../bench/harness/participant.mjs';

/** A fleet of the benchmark, with every participant in this very process: what is not measured can be tried so. */
export class InProcess {
  private readonly members = new Map<string, Participant>();

  constructor(
    private readonly at: { uri: string; database: string },
    private readonly find: (name: string) => any,
  ) {}

  async member(name: string) {
    let participant = this.members.get(name);
    if (participant === undefined) {
      participant = await Participant.open(name, { ...this.at, database: `${this.at.database}_${name}` });
      this.members.set(name, participant);
    }
    const own = participant;
    return {
      participant: name,
      ask: async (what: string, parameters: any = {}): Promise<any> => {
        switch (what) {
          case 'open':
            return own.prepare(this.find(parameters.name), parameters.purpose);
          case 'sample':
            return own.sample(parameters.minimum);
          default:
            return own.close();
        }
      },
    };
  }

  async end(): Promise<void> {
    for (const participant of this.members.values()) {
      await participant.world.db?.dropDatabase();
      await participant.end();
    }
  }
}
