//! One document read again by its id, with all else that an entry of it is made of: a payment's disputes and
//! its fee.

use serde_json::Value;
use tieout_domain::{
    document::{Canonical, DocumentKind},
    failure::VendorFailure,
};

use super::{
    adapter::StripeConnection,
    besides::{self, Object, Read},
    client::{RESTARTS, moving, unreadable},
    decode::{decode, name},
};
use crate::{
    kit::{Answer, PageBuilder},
    traits::{Page, Reread, Resource},
};

fn resource_of(kind: DocumentKind) -> Resource {
    match kind {
        DocumentKind::Invoice => Resource::Invoices,
        DocumentKind::CreditNote => Resource::CreditNotes,
        DocumentKind::Payment => Resource::Payments,
        DocumentKind::Refund => Resource::Refunds,
    }
}

impl StripeConnection {
    /// The document as it is now; `None` where Stripe knows no such thing any more.
    pub(super) async fn document_now(
        &self,
        kind: DocumentKind,
        external_id: &str,
    ) -> Result<Option<Reread>, VendorFailure> {
        let resource = resource_of(kind);
        self.must_offer(resource)?;
        for _ in 0..RESTARTS {
            match self.read_now(resource, external_id).await {
                // What it is made of was deleted while it was read: as it is now.
                Err(failure) if failure.code == besides::MOVED => {}
                end => return end,
            }
        }
        Err(moving(name(resource)))
    }

    async fn read_now(&self, resource: Resource, id: &str) -> Result<Option<Reread>, VendorFailure> {
        let Some((answer, object)) = self.object(resource, id).await? else { return Ok(None) };
        let contexts = self.contexts(resource, std::slice::from_ref(&object), None).await?;
        let (mut disputes, mut fee) = (None, None);
        if resource == Resource::Payments {
            disputes = self.disputes_of(id, &object).await?;
            fee = self.fee_of(&object).await?;
        }
        let mut pages = vec![(resource, page(resource, answer, vec![object], contexts))];
        pages.extend(disputes.map(|page| (Resource::Disputes, page)));
        pages.extend(fee.map(|page| (Resource::Fees, page)));
        Ok(Some(Reread { pages }))
    }

    async fn object(&self, resource: Resource, id: &str) -> Result<Option<(Answer, Object)>, VendorFailure> {
        let path = format!("/v1/{}/{id}", name(resource));
        let Some(answer) = self.client.object(&path).await? else { return Ok(None) };
        let text = String::from_utf8(answer.body.clone()).map_err(|_| unreadable(&path, "it is no UTF-8"))?;
        let object = Object::parse(text)?;
        if object.field("id") != Some(id) {
            return Err(unreadable(&path, "it is another object"));
        }
        let deleted = object.value.get("deleted").and_then(Value::as_bool) == Some(true);
        Ok((!deleted).then_some((answer, object)))
    }

    /// The disputes of a charge; none are asked for where it says that it has none.
    async fn disputes_of(&self, id: &str, charge: &Object) -> Result<Option<Page<Canonical>>, VendorFailure> {
        let undisputed = charge.value.get("disputed").and_then(Value::as_bool) == Some(false);
        if undisputed || !self.offer.resources.contains(&Resource::Disputes) {
            return Ok(None);
        }
        let list = self.client.list("/v1/disputes", &[("charge", id.to_owned())], None).await?;
        let objects = list.items.into_iter().map(|raw| Object::parse(raw.get().to_owned()));
        let objects = objects.collect::<Result<Vec<_>, _>>()?;
        let contexts = objects.iter().map(|_| Read::new(false)).collect();
        Ok(Some(page(Resource::Disputes, list.answer, objects, contexts)))
    }

    /// The fee of a charge, once it has a balance transaction.
    async fn fee_of(&self, charge: &Object) -> Result<Option<Page<Canonical>>, VendorFailure> {
        if !self.offer.resources.contains(&Resource::Fees) {
            return Ok(None);
        }
        let Some(id) = charge.field("balance_transaction") else { return Ok(None) };
        let found = self.object(Resource::Fees, id).await?;
        Ok(found.map(|(answer, object)| page(Resource::Fees, answer, vec![object], vec![Read::new(false)])))
    }
}

fn page(resource: Resource, answer: Answer, objects: Vec<Object>, contexts: Vec<Read>) -> Page<Canonical> {
    let mut builder = PageBuilder::new(answer);
    for (object, read) in objects.into_iter().zip(contexts) {
        let id = object.field("id").unwrap_or("?").to_owned();
        match decode(resource, &object.value, &read.context).transpose() {
            Some(item) => builder.push(id, &format!("{}{}", object.raw, read.more), item),
            None => builder.skip(),
        }
    }
    builder.finish(None, None)
}
