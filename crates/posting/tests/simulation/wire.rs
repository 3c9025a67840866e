//! The connection to the simulated ERP: the engine's ledger port, with everything that a network does.

use std::{future::pending, time::Duration as Wait};

use async_trait::async_trait;
use chrono::Duration;
use tieout_connectors::{
    BookRequest, CustomerRequest, Each, Found, LedgerPoster, Lookup, PeriodAsked, PeriodCheck, Protocol,
    Receipt,
};
use tieout_domain::{
    calendar::PeriodStatus,
    failure::VendorFailure,
    ledger::{EntryStatus, LedgerEntry},
};

use crate::{
    SETTLING,
    erp::Effect,
    office,
    world::{Death, Scripted, Shared, Turn, World, lock},
};

/// A planted bug of the ledger port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    Nothing,
    /// Look-ups read from a copy that does not show what was booked lately.
    StaleLookUps,
    /// A look-up that failed for several is taken for one that found nothing.
    FailuresFindNothing,
    /// Of a look-up for several the last one's answer is left out.
    PartsOfAnswers,
}

pub struct SimLedger {
    pub world: Shared,
    pub desk: usize,
    pub protocol: Protocol,
    pub planted: Planted,
}

/// What the network makes of a request.
enum Net {
    Delivered,
    /// Nothing was sent, or it was refused at the door.
    Turned(VendorFailure),
    /// Sent, not executed, and the caller cannot know.
    Lost(VendorFailure),
    /// Executed, and the caller cannot know.
    Silent(VendorFailure),
    /// Not executed yet; after so long it will be.
    Late(VendorFailure, Duration),
    /// Executed, the caller cannot know, and delivered once more so much later.
    Twice(VendorFailure, Duration),
}

fn net(world: &mut World, is_draft: bool) -> Net {
    let percent = world.chaos.network;
    if !world.chance(percent, 100) {
        return Net::Delivered;
    }
    let unknown = |code, text: &str| VendorFailure::unknown(code, text);
    // A draft may come at any time, even after absence was taken for proven: it books nothing.
    let longest = if is_draft { SETTLING.num_milliseconds() * 2 } else { SETTLING.num_milliseconds() - 1000 };
    let after = Duration::milliseconds(i64::from(world.roll(u32::try_from(longest).unwrap())));
    match world.roll(10) {
        0 => Net::Turned(VendorFailure::retryable("connection_refused", "refused")),
        1 => Net::Turned(VendorFailure::retryable("rate_limited", "slow down")),
        2 => {
            let mut failure = VendorFailure::retryable("rate_limited", "slow down");
            failure.retry_after = Some(std::time::Duration::from_secs(u64::from(world.roll(30))));
            Net::Turned(failure)
        }
        3 => Net::Lost(unknown("connection_reset", "reset before it was read")),
        4 => Net::Lost(unknown("server_error", "500 before commit")),
        5 => Net::Silent(unknown("server_error", "500 after commit")),
        6 => Net::Silent(unknown("timed_out", "no answer, committed")),
        7 => Net::Lost(unknown("timed_out", "no answer, not committed")),
        8 => Net::Late(unknown("timed_out", "no answer, commits late"), after),
        _ => Net::Twice(unknown("timed_out", "no answer, delivered twice"), after),
    }
}

impl SimLedger {
    fn found(&self, world: &World, lookup: &Lookup) -> Found {
        let key = lookup.key.as_str();
        let mut by_key = world.erp.of_key(key);
        if self.planted == Planted::StaleLookUps {
            by_key.retain(|entry| entry.status != EntryStatus::Booked);
        }
        let named = lookup.all_names().flat_map(|name| world.erp.of_reference(name, key));
        Found { by_key, by_reference: named.collect() }
    }

    /// So many turns that others have now.
    async fn turn(&self) {
        let turns = {
            let mut world = lock(&self.world);
            if world.takes_turns { world.roll(4) } else { 0 }
        };
        Turn(turns).await;
    }

    async fn die<T>(&self) -> T {
        lock(&self.world).died.insert(self.desk);
        pending().await
    }

    async fn change(&self, effect: Effect) -> Result<Receipt, VendorFailure> {
        office::judge_send(&mut lock(&self.world), self.desk, &effect);
        // The ERP is slow: it does not do it at once, and does not answer at once.
        self.turn().await;
        let (death, answer) = {
            let mut world = lock(&self.world);
            let scripted = world.script.pop_front();
            let death = match scripted {
                Some(Scripted::DiesBefore) => Death::Before,
                Some(Scripted::DiesAfter) => Death::After,
                _ => world.death(),
            };
            let answer = match death {
                Death::Before => None,
                Death::No | Death::After => Some(deliver(&mut world, self.desk, &effect, scripted)),
            };
            (death, answer)
        };
        self.turn().await;
        match (death, answer) {
            (Death::No, Some(answer)) => answer,
            // The process dies here: nobody hears the answer. The driver drops this future.
            (Death::Before | Death::After | Death::No, _) => self.die().await,
        }
    }

    async fn read<T>(&self, name: &str, job: impl FnOnce(&World) -> T + Send) -> Result<T, VendorFailure> {
        self.turn().await;
        let (death, answer) = {
            let mut world = lock(&self.world);
            office::meanwhile(&mut world);
            let latency = Duration::milliseconds(i64::from(world.roll(200)) + 5);
            world.pass(latency);
            let death = world.death();
            let answer = match net(&mut world, false) {
                Net::Delivered => Ok(job(&world)),
                Net::Turned(failure)
                | Net::Lost(failure)
                | Net::Silent(failure)
                | Net::Late(failure, _)
                | Net::Twice(failure, _) => Err(failure),
            };
            let said = answer.as_ref().err().map_or("ok", |e| e.code);
            world.note(&format!("desk {}: {name} {said}", self.desk));
            (death, answer)
        };
        match death {
            Death::No => answer,
            Death::Before | Death::After => self.die().await,
        }
    }
}

/// What the script makes of a request.
fn scripted(fate: Scripted) -> Net {
    let silence = || VendorFailure::unknown("timed_out", "no answer");
    match fate {
        Scripted::Delivered | Scripted::DiesBefore | Scripted::DiesAfter => Net::Delivered,
        Scripted::Turned(after) => {
            let mut failure = VendorFailure::retryable("rate_limited", "slow down");
            failure.retry_after = after.map(std::time::Duration::from_secs);
            Net::Turned(failure)
        }
        Scripted::Lost => Net::Lost(silence()),
        Scripted::Silent => Net::Silent(silence()),
        Scripted::Late(seconds) => Net::Late(silence(), Duration::seconds(seconds)),
    }
}

fn deliver(
    world: &mut World,
    desk: usize,
    effect: &Effect,
    fate: Option<Scripted>,
) -> Result<Receipt, VendorFailure> {
    let (key, target) = match effect {
        Effect::Create(request, _) => (Some(request.key.as_str()), None),
        Effect::Post(id) | Effect::Delete(id) => (None, Some(id.as_str())),
        Effect::Customer(_) => (None, None),
    };
    assert!(world.disks[desk].has_intent(key, target), "sent without a durable intent: {}", effect.name());
    let latency = Duration::milliseconds(i64::from(world.roll(400)) + 5);
    world.pass(latency);
    let is_draft = matches!(effect, Effect::Create(..)) && world.erp.protocol == Protocol::DraftThenPost;
    let outcome = match fate {
        Some(fate) => scripted(fate),
        None => net(world, is_draft),
    };
    let answer = match outcome {
        Net::Delivered => world.erp.execute(effect).map(|erp_id| Receipt {
            erp_id,
            request_id: None,
            transcript: effect.name(),
        }),
        Net::Turned(failure) | Net::Lost(failure) => Err(failure),
        Net::Silent(failure) => {
            world.erp.execute(effect).ok();
            Err(failure)
        }
        Net::Late(failure, after) => {
            let at = world.now() + after;
            world.erp.later(at, effect.clone());
            Err(failure)
        }
        Net::Twice(failure, after) => {
            world.erp.execute(effect).ok();
            let at = world.now() + after;
            world.erp.later(at, effect.clone());
            Err(failure)
        }
    };
    let said = answer.as_ref().err().map_or("ok", |failure| failure.code);
    if answer.as_ref().is_err_and(|f| f.class == tieout_domain::failure::FailureClass::Unknown) {
        world.unknowns += 1;
    }
    world.note(&format!("desk {desk}: {} {said}", effect.name()));
    answer
}

#[async_trait]
impl LedgerPoster for SimLedger {
    fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn tenant(&self) -> &str {
        "SIM"
    }

    fn at_once(&self) -> usize {
        8
    }

    async fn periods_of(&self, asked: &[PeriodAsked]) -> Each<PeriodCheck> {
        self.read(&format!("{} periods", asked.len()), |world| {
            let check = |asked: &PeriodAsked| {
                let period = world.erp.period(asked.date);
                let accepts = period.status == PeriodStatus::Open;
                Ok(PeriodCheck { period, accepts })
            };
            asked.iter().map(check).collect()
        })
        .await
    }

    async fn find_all(&self, lookups: &[Lookup]) -> Each<Found> {
        let keys: Vec<&str> = lookups.iter().map(|lookup| lookup.key.as_str()).collect();
        let answer = self
            .read(&format!("find {}", keys.join(" ")), |world| {
                lookups.iter().map(|lookup| Ok(self.found(world, lookup))).collect::<Vec<_>>()
            })
            .await;
        {
            let mut world = lock(&self.world);
            world.most_at_once = world.most_at_once.max(lookups.len());
        }
        match (answer, self.planted) {
            // As if what a batch could not be asked for were not there.
            (Err(_), Planted::FailuresFindNothing) => Ok(vec![Ok(Found::default()); lookups.len()]),
            (Ok(mut each), Planted::PartsOfAnswers) if each.len() > 1 => {
                each.pop();
                Ok(each)
            }
            (answer, _) => answer,
        }
    }

    async fn create(&self, request: &BookRequest, _within: Wait) -> Result<Receipt, VendorFailure> {
        let (request, document) = {
            let world = lock(&self.world);
            let document = world.disks[self.desk].document_of(&request.key);
            (office::as_sent(&world, self.desk, request), document)
        };
        self.change(Effect::Create(Box::new(request), document)).await
    }

    async fn post_draft(&self, erp_id: &str, _within: Wait) -> Result<Receipt, VendorFailure> {
        self.change(Effect::Post(erp_id.to_owned())).await
    }

    async fn delete_draft(&self, erp_id: &str) -> Result<Receipt, VendorFailure> {
        self.change(Effect::Delete(erp_id.to_owned())).await
    }

    async fn read_back(&self, erp_id: &str) -> Result<Option<LedgerEntry>, VendorFailure> {
        self.read(&format!("read {erp_id}"), |world| world.erp.row(erp_id)).await
    }

    async fn read_booked(&self, erp_ids: &[String]) -> Each<Option<LedgerEntry>> {
        self.read(&format!("read {}", erp_ids.join(" ")), |world| {
            erp_ids.iter().map(|erp_id| Ok(world.erp.row(erp_id))).collect()
        })
        .await
    }

    async fn ensure_customer(&self, customer: &CustomerRequest) -> Result<String, VendorFailure> {
        let receipt = self.change(Effect::Customer(customer.external_id.clone())).await?;
        receipt.erp_id.ok_or_else(|| VendorFailure::retryable("no_customer", "no id"))
    }
}
