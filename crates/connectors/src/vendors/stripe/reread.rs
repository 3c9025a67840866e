//! One document read again by its id, with all else that an entry of it is made of: the movements of the
//! balance, which say its fees.

use serde_json::Value;
use tieout_domain::{
    document::{Canonical, DocumentKind},
    failure::VendorFailure,
};

use super::{
    adapter::{StripeConnection, carries_balance, take},
    besides::{self, Object, Read},
    client::{RESTARTS, moving, unreadable},
    decode::name,
    outside,
};
use crate::{
    kit::{Answer, Field, PageBuilder},
    traits::{Page, Reread, Resource},
};

/// Where an object of this kind is read, and under which id: a document that another object implies, or that
/// is a movement of the balance, is read with that.
fn object_of(kind: DocumentKind, external_id: &str) -> (Resource, &str) {
    let of = external_id.split('/').next().unwrap_or(external_id);
    let implied = of.len() < external_id.len();
    let resource = match kind {
        DocumentKind::Invoice => Resource::Invoices,
        DocumentKind::CreditNote => Resource::CreditNotes,
        DocumentKind::Payment if implied => Resource::Invoices,
        DocumentKind::Payment if external_id.starts_with("inpay_") => Resource::OutsidePayments,
        DocumentKind::Payment => Resource::Payments,
        DocumentKind::Refund if implied => Resource::CreditNotes,
        DocumentKind::Refund => Resource::Refunds,
        DocumentKind::Dispute => Resource::Disputes,
        DocumentKind::Payout => Resource::Payouts,
        DocumentKind::CustomerBalance => Resource::Customers,
        DocumentKind::Fee
        | DocumentKind::TopUp
        | DocumentKind::Transfer
        | DocumentKind::Reserve
        | DocumentKind::Adjustment
        | DocumentKind::Conversion
        | DocumentKind::Movement => Resource::Fees,
    };
    (resource, of)
}

impl StripeConnection {
    /// The document as it is now; `None` where Stripe knows no such thing any more.
    pub(super) async fn document_now(
        &self,
        kind: DocumentKind,
        external_id: &str,
    ) -> Result<Option<Reread>, VendorFailure> {
        let (resource, id) = object_of(kind, external_id);
        self.must_offer(resource)?;
        if kind == DocumentKind::CustomerBalance {
            return self.balance_now(external_id).await;
        }
        for _ in 0..RESTARTS {
            match self.read_now(resource, id).await {
                // What it is made of was deleted while it was read: as it is now.
                Err(failure) if failure.code == besides::MOVED => {}
                end => return end,
            }
        }
        Err(moving(name(resource)))
    }

    /// A change of a customer's balance, which is known by its customer and its own id.
    async fn balance_now(&self, external_id: &str) -> Result<Option<Reread>, VendorFailure> {
        let Some((customer, id)) = external_id.split_once('/') else { return Ok(None) };
        let path = format!("/v1/customers/{customer}/balance_transactions/{id}");
        let Some(answer) = self.client.object(&path, &[]).await? else { return Ok(None) };
        let object = parsed(&path, &answer)?;
        let item = outside::balance(Field::root(&object.value, "balance_transactions"));
        let mut builder = PageBuilder::new(answer);
        match item.transpose() {
            Some(item) => builder.push(id, &object.raw, item.map(Canonical::Document)),
            None => builder.skip(),
        }
        Ok(Some(Reread { pages: vec![(Resource::Invoices, builder.finish(None, None))] }))
    }

    async fn read_now(&self, resource: Resource, id: &str) -> Result<Option<Reread>, VendorFailure> {
        let Some((answer, object)) = self.object(resource, id).await? else { return Ok(None) };
        let contexts = self.contexts(resource, std::slice::from_ref(&object), None).await?;
        let moves = match moves_balance(resource) {
            true => self.movements_of(id, &object).await?,
            false => None,
        };
        let mut pages = vec![(resource, page(resource, answer, vec![object], contexts))];
        pages.extend(moves.map(|page| (Resource::Fees, page)));
        Ok(Some(Reread { pages }))
    }

    async fn object(&self, resource: Resource, id: &str) -> Result<Option<(Answer, Object)>, VendorFailure> {
        let path = format!("/v1/{}/{id}", name(resource));
        let mut query = Vec::new();
        if self.offer.expands && carries_balance(resource) {
            query.push(("expand[]", "balance_transaction".to_owned()));
        }
        let Some(answer) = self.client.object(&path, &query).await? else { return Ok(None) };
        let object = parsed(&path, &answer)?;
        if object.field("id") != Some(id) {
            return Err(unreadable(&path, "it is another object"));
        }
        let deleted = object.value.get("deleted").and_then(Value::as_bool) == Some(true);
        Ok((!deleted).then_some((answer, object)))
    }

    /// The movements of the balance that an object made.
    async fn movements_of(&self, id: &str, of: &Object) -> Result<Option<Page<Canonical>>, VendorFailure> {
        if !self.offer.resources.contains(&Resource::Fees) {
            return Ok(None);
        }
        if !self.offer.created_filter {
            // A list that takes no filters: the one that the object names.
            let Some(id) = of.field("balance_transaction") else { return Ok(None) };
            let found = self.object(Resource::Fees, id).await?;
            let read = vec![Read::new(false)];
            return Ok(found.map(|(answer, object)| page(Resource::Fees, answer, vec![object], read)));
        }
        let list = self.client.list("/v1/balance_transactions", &[("source", id.to_owned())], None).await?;
        let objects = list.items.into_iter().map(|raw| Object::parse(raw.get().to_owned()));
        let objects = objects.collect::<Result<Vec<_>, _>>()?;
        let contexts = objects.iter().map(|_| Read::new(false)).collect();
        Ok(Some(page(Resource::Fees, list.answer, objects, contexts)))
    }
}

fn parsed(path: &str, answer: &Answer) -> Result<Object, VendorFailure> {
    let text = String::from_utf8(answer.body.clone()).map_err(|_| unreadable(path, "it is no UTF-8"))?;
    Object::parse(text)
}

fn moves_balance(resource: Resource) -> bool {
    matches!(resource, Resource::Payments | Resource::Refunds | Resource::Disputes | Resource::Payouts)
}

fn page(resource: Resource, answer: Answer, objects: Vec<Object>, contexts: Vec<Read>) -> Page<Canonical> {
    let mut builder = PageBuilder::new(answer);
    for (object, read) in objects.iter().zip(&contexts) {
        take(&mut builder, resource, (object, read));
    }
    builder.finish(None, None)
}
